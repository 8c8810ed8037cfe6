import { z } from 'zod';
import { scopeSchema } from './scope.ts';

const moment = z.iso.datetime();

/** Types of messages. They are public: they are added to, and none is renamed or reused. */
export const notificationTypes = [
  'request.completed',
  'request.needs-review',
  'decision.made',
  'package.recalled',
  'project.refresh.completed',
  'approval.waiting',
  'advisories.stale',
  'ping',
] as const;
export type NotificationType = (typeof notificationTypes)[number];

/** Types that a webhook can be asked to leave out or to be for; a ping is sent by hand. */
export const chosenTypes = notificationTypes.filter((type) => type !== 'ping');

/** `standard`: a signed CloudEvent; `slack`: an incoming webhook of Slack, or of a program that takes its messages; `email`: a mail. */
export const webhookFormats = ['standard', 'slack', 'email'] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

/** How many messages a mail has: one, those of an hour, or those of a day. */
export const webhookDigests = ['each', 'hourly', 'daily'] as const;
export type WebhookDigest = (typeof webhookDigests)[number];

export const webhookSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  /** Events of this scope alone; null for all events. */
  scope: scopeSchema.nullable(),
  format: z.enum(webhookFormats),
  /** As it may be shown: of `slack` the origin, since the path is a secret. */
  url: z.string(),
  /** `each` for everything but mails. */
  digest: z.enum(webhookDigests),
  /** None for all of them. */
  types: z.array(z.enum(notificationTypes)),
  state: z.enum(['enabled', 'disabled']),
  /** Why it is disabled; null for one that is enabled. */
  disabled: z.object({ code: z.string(), detail: z.string(), at: moment }).nullable(),
  /** Earlier events are not sent, unless they are replayed. */
  armedAt: moment,
  /** Failures since the last success, and since when. */
  failures: z.number().int(),
  failingSince: moment.nullable(),
  /** Nothing is sent until then, since the receiver failed or asked for it. */
  pausedUntil: moment.nullable(),
  lastDeliveredAt: moment.nullable(),
  waiting: z.number().int(),
  /** Until when the secret before the present one is used, too. */
  previousSecretUntil: moment.nullable(),
  createdAt: moment,
  createdBy: z.string(),
  changedAt: moment,
});
export type Webhook = z.infer<typeof webhookSchema>;

/** `waiting` for its first or next try; `delivered`; `failed` when all tries failed. */
export const deliveryStates = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export const deliverySchema = z.object({
  /** Also the `webhook-id` of each try. */
  id: z.uuid(),
  webhookId: z.uuid(),
  eventId: z.uuid(),
  type: z.enum(notificationTypes),
  subject: z.string(),
  occurredAt: moment,
  state: z.enum(deliveryStates),
  tries: z.number().int(),
  /** Of the next try; null when there is none. */
  nextTryAt: moment.nullable(),
  createdAt: moment,
  endedAt: moment.nullable(),
  /** Of the last try. */
  lastStatus: z.number().int().nullable(),
  lastError: z.string().nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;

export const deliveryDetailSchema = deliverySchema.extend({
  /** As it is sent. */
  body: z.string(),
  /** Oldest first. */
  log: z.array(
    z.object({
      number: z.number().int(),
      at: moment,
      durationMs: z.number().int(),
      status: z.number().int().nullable(),
      error: z.string().nullable(),
      /** The beginning of the answer. */
      response: z.string().nullable(),
    }),
  ),
});
export type DeliveryDetail = z.infer<typeof deliveryDetailSchema>;
