import { errorCodeOf } from '@sluice/contracts';
import { addToOutbox, type Received } from '@sluice/delivery';
import type { AggregatorDeps } from '../deps.ts';
import { noteBatches, type Submitted } from './take-in-requests.ts';
import { noteChangedBatch } from '../batches/settle-batches.ts';
import { completedFact } from '../facts/request-facts.ts';
import { transact } from '../transact.ts';

/**
 * Ends a request that cannot be taken in, with the code of why: every request that was accepted ends. Its event becomes
 * a dead letter, and opens the request again when it is redriven and the cause is mended. A request that was taken in,
 * or given up before, is left alone.
 */
export function giveUpRequest(deps: AggregatorDeps) {
  return ({ event, traceparent }: Received<Submitted>, error: unknown): Promise<void> =>
    transact(deps, 'give up request', async (tx) => {
      const now = deps.now();
      const { requestId, lane, scope, requester, itemCount, submittedAt, batchId = null } = event.data;
      await noteBatches(tx, [event.data]);
      const counts = itemCount > 0 ? { failed: itemCount } : {};
      const [given] = await tx<{ round: number }[]>`
        insert into requests (id, lane, scope, requester, state, item_count, open_items, counts, traceparent, submitted_at, completed_at, batch_id)
        values (${requestId}, ${lane}, ${scope}, ${requester}, 'failed', ${itemCount}, 0, ${JSON.stringify(counts)}::text::jsonb,
          ${traceparent ?? null}, ${submittedAt}, ${now}, ${batchId})
        on conflict (id) do nothing returning round`;
      if (!given) return;
      const failure = {
        code: errorCodeOf(error),
        detail: error instanceof Error ? error.message : String(error),
      };
      const request = { id: requestId, lane, scope, traceparent: traceparent ?? null, round: given.round };
      await addToOutbox(tx, [completedFact(request, counts, now, failure)]);
      noteChangedBatch(tx, batchId);
      deps.log.error({ request: requestId, ...failure }, 'a request cannot be taken in and ends as failed');
    });
}
