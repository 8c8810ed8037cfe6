import { errorCodeOf } from '@sluice/contracts';
import { cancelRequest } from '../commands/cancel-request.ts';
import type { AggregatorDeps } from '../deps.ts';

/** Requests looked up at once. */
const takenMax = 100;

/**
 * Cancels the open requests of cancelled batches, each in a transaction of its own. A process that dies in between leaves the rest
 * to the next run, and so does a request that is taken in only now.
 * @param batchId of this batch alone.
 * @param untilMs when to stop; the rest waits for the next run.
 * @returns how many were cancelled.
 */
export async function endCancelledBatches(
  deps: AggregatorDeps,
  { batchId = null, untilMs = Infinity }: { batchId?: string | null; untilMs?: number } = {},
): Promise<number> {
  const { sql } = deps;
  let cancelled = 0;
  for (;;) {
    const rows = await sql<{ requestId: string; by: string; reason: string }[]>`
      select r.id as "requestId", b.cancelled_by as by, b.cancel_reason as reason
      from batches b join requests r on r.batch_id = b.id
      where b.state = 'cancelled' and b.completed_at is null and r.state = 'open'
        ${batchId === null ? sql`` : sql`and b.id = ${batchId}`}
      order by r.id limit ${takenMax}`;
    for (const row of rows) {
      if (Date.now() >= untilMs) return cancelled;
      if (await cancelOne(row, deps)) cancelled += 1;
    }
    if (rows.length < takenMax) return cancelled;
  }
}

async function cancelOne(
  request: { requestId: string; by: string; reason: string },
  deps: AggregatorDeps,
): Promise<boolean> {
  try {
    await cancelRequest(request, deps);
    return true;
  } catch (error) {
    // Its last item ended in between.
    if (errorCodeOf(error) !== 'request.ended') throw error;
    return false;
  }
}
