import { uuidV7, type Delivery, type Webhook } from '@sluice/contracts';

const at = '2026-03-01T09:30:00.000Z';

/** A webhook as the notifier has it. */
export const aWebhook = (fields: Partial<Webhook> = {}): Webhook => ({
  id: uuidV7(),
  name: 'chat',
  scope: null,
  format: 'standard',
  url: 'https://receiver.example/',
  digest: 'each',
  types: [],
  state: 'enabled',
  disabled: null,
  armedAt: at,
  failures: 0,
  failingSince: null,
  pausedUntil: null,
  lastDeliveredAt: null,
  waiting: 0,
  previousSecretUntil: null,
  createdAt: at,
  createdBy: 'mira',
  changedAt: at,
  ...fields,
});

/** A delivery as the notifier has it. */
export const aDelivery = (fields: Partial<Delivery> = {}): Delivery => ({
  id: uuidV7(),
  webhookId: uuidV7(),
  eventId: uuidV7(),
  type: 'request.completed',
  subject: uuidV7(),
  occurredAt: at,
  state: 'delivered',
  tries: 1,
  nextTryAt: null,
  createdAt: at,
  endedAt: at,
  lastStatus: 204,
  lastError: null,
  ...fields,
});
