import { uuidV5, type WebhookDigest } from '@sluice/contracts';
import type { BatchHandler } from '@sluice/delivery';
import { columnsOf, type Tx } from '@sluice/postgres';
import { digestTime, type PublicEvent } from '@sluice/webhooks';
import type { NotifierDeps } from '../deps.ts';
import { transact } from '../transact.ts';
import type { Tell } from './tell.ts';

/** Handles events of a type: records their public events, with deliveries to webhooks. */
export function onEvents<Data>(tell: Tell<Data>, deps: NotifierDeps): BatchHandler<Data> {
  return async (batch) => {
    const events = batch.flatMap(tell);
    if (events.length > 0) await transact(deps, (tx) => recordEvents(tx, events, deps));
  };
}

/** The id of a delivery: sent again, a message has the same one. */
export function deliveryIdOf(eventId: string, webhookId: string): string {
  return uuidV5(`${eventId}/to/${webhookId}`);
}

/**
 * Records public events, each once, and a delivery for each enabled webhook that is for them and was armed before they occurred.
 * Events that are older than those that are kept are left out: whether they were told is not known any more.
 */
export async function recordEvents(
  tx: Tx,
  events: readonly PublicEvent[],
  { now, keepDays }: Pick<NotifierDeps, 'now' | 'keepDays'>,
): Promise<void> {
  const at = now();
  const oldest = new Date(at.getTime() - keepDays * 86_400_000);
  const recent = events.filter(({ occurredAt }) => occurredAt >= oldest);
  if (recent.length === 0) return;
  // In one order, so that two batches with common events wait for each other instead of deadlocking.
  const sorted = recent.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const column = columnsOf(tx, sorted);
  const rows = await tx<{ eventId: string; webhookId: string; digest: WebhookDigest }[]>`
    with added as (
      insert into notifications (id, type, scope, subject, occurred_at, sequence, data)
      select * from unnest(${column(({ id }) => id)}::uuid[], ${column(({ type }) => type)}, ${column(({ scope }) => scope)},
        ${column(({ subject }) => subject)}, ${column(({ occurredAt }) => occurredAt.toISOString())}::timestamptz[],
        ${column(({ sequence }) => sequence)}::bigint[], ${column(({ data }) => data)}::jsonb[])
      on conflict do nothing returning id, type, scope, occurred_at)
    select added.id as "eventId", w.id as "webhookId", w.digest from added join webhooks w on w.disabled_at is null
      and w.armed_at <= added.occurred_at and (w.scope is null or w.scope = added.scope)
      and (w.types = '[]' or w.types ? added.type)`;
  for (const digest of new Set(rows.map((row) => row.digest)))
    await addDeliveries(
      tx,
      rows.filter((row) => row.digest === digest),
      at,
      digestTime(digest, at),
    );
}

/** Adds deliveries, due at once unless a time is given. One that is there is sent again from its first try on. */
export async function addDeliveries(
  tx: Tx,
  deliveries: readonly { eventId: string; webhookId: string }[],
  at: Date,
  dueAt = at,
): Promise<void> {
  if (deliveries.length === 0) return;
  const column = columnsOf(tx, deliveries);
  await tx`
    insert into deliveries (id, webhook_id, notification_id, due_at, created_at)
    select id, webhook_id, notification_id, ${dueAt}::timestamptz, ${at}::timestamptz from unnest(
      ${column(({ eventId, webhookId }) => deliveryIdOf(eventId, webhookId))}::uuid[],
      ${column(({ webhookId }) => webhookId)}::uuid[], ${column(({ eventId }) => eventId)}::uuid[])
      as e (id, webhook_id, notification_id)
    on conflict (id) do update set state = 'waiting', failed_tries = 0, due_at = excluded.due_at, lease = null, ended_at = null`;
}
