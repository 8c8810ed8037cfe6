import {
  chosenTypes,
  deliveryDetailSchema as ownedDetail,
  deliverySchema as ownedDelivery,
  deliveryStates,
  momentSchema,
  notificationTypes,
  scopeSchema,
  visibleText,
  webhookDigests,
  webhookFormats,
} from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { pageQuery, pageSchemaOf } from '../page.ts';

const { by, reason } = actor('The chat of the payments team.');

const name = documentable(visibleText(100)).openapi({ example: 'payments chat' });
const url = documentable(visibleText(2_000)).openapi({
  example: 'https://receiver.example/sluice',
  description: 'https at a public address; an operator may allow others. `mailto:` and an address for mails.',
});
const digest = z
  .enum(webhookDigests)
  .openapi({ description: 'Of mails: `hourly` and `daily` send messages together. `each` unless given.' });
const types = z
  .array(z.enum(chosenTypes))
  .max(chosenTypes.length)
  .openapi({ example: ['request.completed'], description: 'All unless given.' });

export const newWebhookSchema = z
  .strictObject({
    by,
    reason: reason.optional(),
    name,
    url,
    scope: documentable(scopeSchema).nullable().optional().openapi({
      example: 'team-payments',
      description: 'What belongs to it alone; everything unless given, for principals of all scopes.',
    }),
    format: z.enum(webhookFormats).optional().openapi({
      description:
        '`standard`, a signed CloudEvent, unless given; `slack` for an incoming webhook of a chat, `email` for mails.',
    }),
    digest: digest.optional(),
    types: types.optional(),
  })
  .openapi('NewWebhook');
export const changedWebhookSchema = z
  .strictObject({
    by,
    reason,
    name: name.optional(),
    url: url.optional(),
    digest: digest.optional(),
    types: types.optional(),
  })
  .openapi('ChangedWebhook');
export const webhookActionSchema = z
  .strictObject(actor('The receiver works again.'))
  .openapi('WebhookAction');

export const webhookSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scope: documentable(scopeSchema).nullable().openapi({ description: 'Null for everything.' }),
    format: z.enum(webhookFormats),
    url: z.string().openapi({ description: 'Of a chat the host alone: the rest is its secret.' }),
    digest,
    types: z.array(z.enum(notificationTypes)).openapi({ description: 'Empty for all.' }),
    state: z.enum(['enabled', 'disabled']),
    disabled: z
      .object({ code: z.string(), detail: z.string(), at: moment })
      .nullable()
      .openapi({ description: 'Why it is disabled; null for one that is enabled.' }),
    armedAt: moment.openapi({ description: 'What occurred before is not sent, unless it is replayed.' }),
    failures: z.int().openapi({ description: 'In a row.' }),
    failingSince: moment.nullable(),
    pausedUntil: moment
      .nullable()
      .openapi({ description: 'Nothing is sent until then, since the receiver failed or asked for it.' }),
    lastDeliveredAt: moment.nullable(),
    waiting: z.int().openapi({ description: 'Messages that wait; counted up to 10,000.' }),
    previousSecretUntil: moment
      .nullable()
      .openapi({ description: 'Until when the secret before the present one signs, too.' }),
    createdAt: moment,
    createdBy: z.string(),
    changedAt: moment,
  })
  .openapi('Webhook');
export type ShownWebhook = z.infer<typeof webhookSchema>;

export const webhookSecretSchema = webhookSchema
  .extend({
    secret: z
      .string()
      .nullable()
      .openapi({ description: 'Shown this once; null for a format that is not signed.' }),
  })
  .openapi('WebhookWithSecret');
export const webhookPageSchema = pageSchemaOf(webhookSchema, 'WebhookPage');

const { type, state, lastStatus, lastError } = ownedDelivery.shape;
export const deliverySchema = z
  .object({
    id: z.uuid().openapi({ description: 'Also the `webhook-id` of each try.' }),
    webhookId: z.uuid(),
    eventId: z.uuid(),
    type: documentable(type),
    subject: z.string(),
    occurredAt: moment,
    state: documentable(state),
    tries: z.int(),
    nextTryAt: moment.nullable(),
    createdAt: moment,
    endedAt: moment.nullable(),
    lastStatus: documentable(lastStatus),
    lastError: documentable(lastError),
  })
  .openapi('WebhookDelivery');
export type ShownDelivery = z.infer<typeof deliverySchema>;
export const deliveryPageSchema = pageSchemaOf(deliverySchema, 'WebhookDeliveryPage');
const { number, durationMs, status, error, response } = ownedDetail.shape.log.element.shape;
export const deliveryDetailSchema = deliverySchema
  .extend({
    body: z.string().openapi({ description: 'As it is sent.' }),
    log: z
      .array(
        z.object({
          number: documentable(number),
          at: moment,
          durationMs: documentable(durationMs),
          status: documentable(status),
          error: documentable(error),
          response: documentable(response).openapi({ description: 'Its first 4 KB.' }),
        }),
      )
      .openapi({ description: 'Each try, oldest first.' }),
  })
  .openapi('WebhookDeliveryDetail');
export type ShownDeliveryDetail = z.infer<typeof deliveryDetailSchema>;

export const deliveriesQuery = z.object({
  state: z.enum(deliveryStates).optional().openapi({ description: 'Deliveries in this state only.' }),
  ...pageQuery(200, 50),
});
export const webhooksQuery = z.object(pageQuery(200, 50));

export const webhookReplaySchema = z
  .strictObject({
    ...actor('The receiver was away.'),
    since: documentable(momentSchema).openapi({ example: '2026-03-01T00:00:00Z' }),
    until: documentable(momentSchema)
      .optional()
      .openapi({ description: 'Now unless given.', example: '2026-03-02T00:00:00Z' }),
    types: types.optional().openapi({ description: 'Those of the webhook unless given.' }),
    dryRun: z.boolean().optional().openapi({ description: 'Only count.' }),
  })
  .openapi('WebhookReplay');
export const webhookReplayedSchema = z
  .object({
    events: z.int().openapi({ description: 'Events of that time that are for the webhook.' }),
    repeated: z
      .int()
      .openapi({ description: 'Of them those that it had before, with the same `webhook-id`.' }),
    keptSince: moment.openapi({ description: 'Older events are not there any more.' }),
  })
  .openapi('WebhookReplayed');
