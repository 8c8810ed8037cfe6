import {
  PermanentError,
  uuidV7,
  type AboutWebhookInput,
  type Delivery,
  type RedeliverInput,
  type ReplayWebhookInput,
  type ReplayWebhookOutput,
} from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import type { NotifierDeps } from '../deps.ts';
import { addDeliveries, deliveryIdOf } from '../events/record-events.ts';
import { transact } from '../transact.ts';
import { lockWebhook, requireEnabled } from '../webhooks/lock-webhook.ts';
import { deliveryColumns, toDelivery, type DeliveryRow } from '../webhooks/rows.ts';
import { audit } from './change-webhook.ts';

/** Events that are sent again at once. */
const replayedMax = 100_000;
/** Rows in one statement. */
const addedMax = 2_000;

/**
 * Sends a ping, also to a webhook for other types.
 * @throws PermanentError `webhook.not-found`, `webhook.disabled`.
 */
export async function testWebhook(
  input: AboutWebhookInput,
  deps: NotifierDeps,
): Promise<{ delivery: Delivery }> {
  const { webhookId, by } = input;
  return transact(deps, async (tx) => {
    const { scope, name } = await lockAble(tx, webhookId);
    const now = deps.now();
    const eventId = uuidV7(now.getTime());
    await tx`
      insert into notifications (id, type, scope, subject, occurred_at, data)
      values (${eventId}, 'ping', ${scope}, ${webhookId}, ${now}, ${JSON.stringify({ name, by })}::text::jsonb)`;
    await addDeliveries(tx, [{ eventId, webhookId }], now);
    await audit(tx, input, 'test-webhook', {}, deps);
    return { delivery: await readDelivery(tx, deliveryIdOf(eventId, webhookId)) };
  });
}

/**
 * Sends a message again, from its first try on, with the same id.
 * @throws PermanentError `webhook.not-found`, `webhook.disabled`, `delivery.not-found`.
 */
export async function redeliver(input: RedeliverInput, deps: NotifierDeps): Promise<{ delivery: Delivery }> {
  const { webhookId, deliveryId } = input;
  return transact(deps, async (tx) => {
    await lockAble(tx, webhookId);
    const [known] = await tx<{ eventId: string }[]>`
      select notification_id as "eventId" from deliveries where id = ${deliveryId} and webhook_id = ${webhookId}`;
    if (!known) throw deliveryNotFound(webhookId, deliveryId);
    await addDeliveries(tx, [{ eventId: known.eventId, webhookId }], deps.now());
    await audit(tx, input, 'redeliver', { deliveryId }, deps);
    return { delivery: await readDelivery(tx, deliveryId) };
  });
}

/**
 * Sends the events of a time to a webhook, also those that occurred before it was armed, or counts them.
 * @throws PermanentError `webhook.not-found`, `webhook.disabled`, `input.invalid` for more than are sent at once.
 */
export async function replayWebhook(
  input: ReplayWebhookInput,
  deps: NotifierDeps,
): Promise<ReplayWebhookOutput> {
  const { webhookId, since, until, types, dryRun } = input;
  return transact(deps, async (tx) => {
    const row = await lockAble(tx, webhookId);
    const now = deps.now();
    const chosen = types.length === 0 ? row.types : types;
    const events = await tx<{ eventId: string; isRepeated: boolean }[]>`
      select n.id as "eventId", exists (select from deliveries d where d.notification_id = n.id and d.webhook_id = ${webhookId})
        as "isRepeated"
      from notifications n where n.occurred_at >= ${since} and n.occurred_at < ${until ?? now} and n.type <> 'ping'
        ${row.scope === null ? tx`` : tx`and n.scope = ${row.scope}`}
        ${chosen.length === 0 ? tx`` : tx`and n.type = any(${chosen}::text[])`}
      order by n.occurred_at, n.id limit ${replayedMax + 1}`;
    if (events.length > replayedMax)
      throw new PermanentError(
        'input.invalid',
        `since: more than ${replayedMax} events occurred; replay them in parts.`,
      );
    if (!dryRun) {
      const added = events.map(({ eventId }) => ({ eventId, webhookId }));
      for (let start = 0; start < added.length; start += addedMax)
        await addDeliveries(tx, added.slice(start, start + addedMax), now);
      await audit(tx, input, 'replay-webhook', { since, until, types, events: events.length }, deps);
    }
    return {
      events: events.length,
      repeated: events.filter(({ isRepeated }) => isRepeated).length,
      keptSince: new Date(now.getTime() - deps.keepDays * 86_400_000).toISOString(),
    };
  });
}

export function deliveryNotFound(webhookId: string, deliveryId: string): PermanentError {
  return new PermanentError('delivery.not-found', `Webhook ${webhookId} has no delivery ${deliveryId}.`);
}

async function lockAble(tx: Tx, webhookId: string) {
  const row = await lockWebhook(tx, webhookId);
  requireEnabled(row);
  return row;
}

async function readDelivery(tx: Tx, deliveryId: string): Promise<Delivery> {
  const [row] = await tx<DeliveryRow[]>`
    select ${tx.unsafe(deliveryColumns)} from deliveries d join notifications n on n.id = d.notification_id
    where d.id = ${deliveryId}`;
  return toDelivery(row!);
}
