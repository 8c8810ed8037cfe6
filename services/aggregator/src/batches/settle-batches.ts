import type { Tx } from '@sluice/postgres';
import type { OutboxMessage } from '@sluice/delivery';
import { batchCompletedFact, batchReopenedFact, type BatchSubject } from '../facts/batch-facts.ts';
import type { OutcomeCounts } from '../facts/request-facts.ts';

interface Standing extends BatchSubject {
  state: 'opening' | 'open' | 'completed' | 'cancelled' | 'failed';
  requestCount: number | null;
  completedAt: Date | null;
  /** Requests that have ended. */
  ended: number;
}

/** Batches of which a request ended or was opened, by the open transaction that did so. */
const changed = new WeakMap<Tx, Set<string>>();

/**
 * Has a batch settled at the end of the transaction.
 * @param batchId null stands for a request that is in none.
 */
export function noteChangedBatch(tx: Tx, batchId: string | null): void {
  if (batchId === null) return;
  const ids = changed.get(tx) ?? new Set();
  changed.set(tx, ids.add(batchId));
}

/**
 * Derives whether batches have ended from their requests, in the transaction that changed those: a batch is completed when its
 * last request ends, and open again when one of them is. This is the last step of a transaction: all others lock batches after
 * everything else, too.
 */
export async function settleBatches(tx: Tx, now: Date): Promise<OutboxMessage[]> {
  const ids = [...(changed.get(tx) ?? [])].toSorted();
  if (ids.length === 0) return [];
  await tx`select from batches where id = any(${ids}::uuid[]) order by id for update`;
  // A statement of its own: it sees the requests of the transactions that the lock was waited for.
  const standings = await tx<Standing[]>`
    select b.id, b.lane, b.scope, b.traceparent, b.round, b.state, b.request_count as "requestCount",
      b.completed_at as "completedAt",
      (select count(*)::int from requests r where r.batch_id = b.id and r.completed_at is not null) as ended
    from batches b where b.id = any(${ids}::uuid[]) order by b.id`;
  const messages: OutboxMessage[] = [];
  for (const batch of standings) {
    const hasEnded = batch.ended === batch.requestCount;
    const isOpen = batch.state === 'open' || (batch.state === 'cancelled' && batch.completedAt === null);
    if (hasEnded && isOpen) messages.push(await complete(tx, batch, now));
    if (!hasEnded && batch.state === 'completed') messages.push(await reopen(tx, batch, now));
  }
  return messages;
}

async function complete(tx: Tx, batch: Standing, now: Date): Promise<OutboxMessage> {
  await tx`
    update batches set completed_at = ${now}, state = case when state = 'open' then 'completed' else state end
    where id = ${batch.id}`;
  const rows = await tx<{ outcome: keyof OutcomeCounts; count: number }[]>`
    select outcome, sum(n::int)::int as count
    from requests r cross join lateral jsonb_each_text(r.counts) as c (outcome, n)
    where r.batch_id = ${batch.id} group by outcome having sum(n::int) > 0`;
  const counts = Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count])) as OutcomeCounts;
  return batchCompletedFact(batch, { requestCount: batch.ended, counts }, now);
}

async function reopen(tx: Tx, batch: Standing, now: Date): Promise<OutboxMessage> {
  const round = batch.round + 1;
  await tx`
    update batches set state = 'open', completed_at = null, round = ${round} where id = ${batch.id}`;
  return batchReopenedFact({ ...batch, round }, now);
}
