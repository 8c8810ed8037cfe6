import { z } from 'zod';
import { actor } from './command-actor.ts';
import { scopeSchema } from './scope.ts';
import {
  deliveryDetailSchema,
  deliverySchema,
  deliveryStates,
  notificationTypes,
  webhookDigests,
  webhookFormats,
  webhookSchema,
} from './webhooks.ts';

const service = 'notifier';
const moment = z.iso.datetime({ offset: true });
const types = z.array(z.enum(notificationTypes)).max(20);
const page = { limit: z.number().int().min(1).max(1_000) };
const about = z.object({ ...actor, webhookId: z.uuid() });
export type AboutWebhookInput = z.infer<typeof about>;

/** A secret leaves the notifier in the answer that made it, and never again. */
const withSecret = z.object({ webhook: webhookSchema, secret: z.string().nullable() });
export type WebhookWithSecret = z.infer<typeof withSecret>;

const createInput = z.object({
  ...actor,
  id: z.uuid(),
  name: z.string(),
  scope: scopeSchema.nullable(),
  format: z.enum(webhookFormats),
  url: z.string(),
  digest: z.enum(webhookDigests).default('each'),
  types,
});
export type CreateWebhookInput = z.infer<typeof createInput>;
export const createWebhookCommand = {
  service,
  name: 'create-webhook',
  input: createInput,
  output: withSecret,
};

const changeInput = about.extend({
  changes: z.object({ name: z.string(), url: z.string(), types, digest: z.enum(webhookDigests) }).partial(),
});
export type ChangeWebhookInput = z.infer<typeof changeInput>;
export const changeWebhookCommand = {
  service,
  name: 'change-webhook',
  input: changeInput,
  output: webhookSchema,
};

export const removeWebhookCommand = {
  service,
  name: 'remove-webhook',
  input: about,
  output: webhookSchema,
};

const steerInput = about.extend({ action: z.enum(['enable', 'disable']) });
export type SteerWebhookInput = z.infer<typeof steerInput>;
export const steerWebhookCommand = {
  service,
  name: 'steer-webhook',
  input: steerInput,
  output: webhookSchema,
};

/** The secret before it is used beside the new one for a day. */
export const rotateSecretCommand = {
  service,
  name: 'rotate-webhook-secret',
  input: about,
  output: withSecret,
};

const testOutput = z.object({ delivery: deliverySchema });
export const testWebhookCommand = { service, name: 'test-webhook', input: about, output: testOutput };

const redeliverInput = about.extend({ deliveryId: z.uuid() });
export type RedeliverInput = z.infer<typeof redeliverInput>;
export const redeliverCommand = { service, name: 'redeliver', input: redeliverInput, output: testOutput };

const replayInput = about.extend({
  since: moment,
  /** Null for now. */
  until: moment.nullable(),
  types,
  /** Only count. */
  dryRun: z.boolean(),
});
export type ReplayWebhookInput = z.infer<typeof replayInput>;
const replayOutput = z.object({
  /** Events of that time that are for the webhook. */
  events: z.number().int(),
  /** Of them those that were delivered before: receivers know them by their `webhook-id`. */
  repeated: z.number().int(),
  /** Since when events are kept. */
  keptSince: moment,
});
export type ReplayWebhookOutput = z.infer<typeof replayOutput>;
export const replayWebhookCommand = {
  service,
  name: 'replay-webhook',
  input: replayInput,
  output: replayOutput,
};

const findInput = z.object({ webhookId: z.uuid() });
/** A question rather than a command: a webhook; null for none. */
export const findWebhookCommand = {
  service,
  name: 'find-webhook',
  input: findInput,
  output: z.object({ webhook: webhookSchema.nullable() }),
};

const listInput = z.object({
  ...page,
  /** Scopes that the reader may see; null for all, webhooks without a scope included. */
  scopes: z.array(scopeSchema).nullable(),
  /** The last one of the page before. */
  after: z.object({ name: z.string(), id: z.uuid() }).nullable(),
});
export type ListWebhooksInput = z.infer<typeof listInput>;
/** A question rather than a command: webhooks by their names. */
export const listWebhooksCommand = {
  service,
  name: 'list-webhooks',
  input: listInput,
  output: z.object({ webhooks: z.array(webhookSchema) }),
};

const listDeliveriesInput = z.object({
  ...page,
  webhookId: z.uuid(),
  state: z.enum(deliveryStates).nullable(),
  after: z.object({ createdAt: moment, id: z.uuid() }).nullable(),
});
export type ListDeliveriesInput = z.infer<typeof listDeliveriesInput>;
/** A question rather than a command: the deliveries of a webhook, newest first. */
export const listDeliveriesCommand = {
  service,
  name: 'list-deliveries',
  input: listDeliveriesInput,
  output: z.object({ deliveries: z.array(deliverySchema) }),
};

const findDeliveryInput = z.object({ webhookId: z.uuid(), deliveryId: z.uuid() });
export type FindDeliveryInput = z.infer<typeof findDeliveryInput>;
/** A question rather than a command: a delivery with its body and its tries. */
export const findDeliveryCommand = {
  service,
  name: 'find-delivery',
  input: findDeliveryInput,
  output: deliveryDetailSchema,
};
