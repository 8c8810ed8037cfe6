import type { batchOpened, EventData } from '@sluice/contracts';
import { addToOutbox, claimEvents, type OutboxMessage, type Received } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';
import { batchCompletedFact, batchReopenedFact, type BatchSubject } from '../facts/batch-facts.ts';
import { transact } from '../transact.ts';
import { noteChangedBatch } from './settle-batches.ts';

type Opened = EventData<typeof batchOpened>;

/** Learns how many requests a batch has. Those of them that have ended already, and those that come later, complete it. */
export function onBatchOpened(deps: AggregatorDeps) {
  return (batch: Received<Opened>[]): Promise<void> =>
    transact(deps, 'on batch opened', async (tx) => {
      const claimed = await claimEvents(
        tx,
        'aggregator/batch-opened',
        batch.map(({ event }) => event.id),
      );
      const fresh = batch
        .filter(({ event }) => claimed.delete(event.id))
        .toSorted((a, b) => (a.event.data.batchId < b.event.data.batchId ? -1 : 1));
      const messages: OutboxMessage[] = [];
      for (const { event, traceparent } of fresh)
        messages.push(...(await open(tx, event.data, traceparent ?? null, deps.now())));
      await addToOutbox(tx, messages);
    });
}

/** @returns its facts; none for an opening that another one has replaced. */
async function open(
  tx: Tx,
  { batchId, lane, scope, opening, requestCount, failure }: Opened,
  traceparent: string | null,
  now: Date,
): Promise<OutboxMessage[]> {
  const [before] = await tx<{ hasEnded: boolean }[]>`
    select completed_at is not null as "hasEnded" from batches where id = ${batchId} for update`;
  const state = failure ? 'failed' : 'open';
  const [row] = await tx<BatchSubject[]>`
    insert into batches (id, lane, scope, traceparent, state, opening, request_count, completed_at)
    values (${batchId}, ${lane}, ${scope}, ${traceparent}, ${state}, ${opening}, ${requestCount}, ${failure ? now : null})
    on conflict (id) do update set opening = excluded.opening, request_count = excluded.request_count,
      state = case when batches.state = 'cancelled' then 'cancelled' else excluded.state end,
      completed_at = excluded.completed_at, traceparent = coalesce(batches.traceparent, excluded.traceparent),
      round = batches.round + case when batches.completed_at is null then 0 else 1 end
    where batches.opening < excluded.opening
    returning id, lane, scope, traceparent, round`;
  if (!row) return [];
  const reopened = before?.hasEnded ? [batchReopenedFact(row, now)] : [];
  if (!failure) {
    noteChangedBatch(tx, batchId);
    return reopened;
  }
  const { code, detail } = failure;
  return [...reopened, batchCompletedFact(row, { requestCount, counts: {} }, now, { code, detail })];
}
