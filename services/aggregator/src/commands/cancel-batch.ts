import { PermanentError, type CancelBatchInput, type CancelBatchOutput } from '@sluice/contracts';
import { addToOutbox, recordAudit } from '@sluice/delivery';
import { endCancelledBatches } from '../batches/end-cancelled.ts';
import type { AggregatorDeps } from '../deps.ts';
import { batchCancelledFact, type BatchSubject } from '../facts/batch-facts.ts';
import { transact } from '../transact.ts';

/** Below the time that the command has; the other requests are cancelled right after. */
const cancellingMs = 5_000;

/**
 * Cancels a batch: its open requests are cancelled, and those that are still to come. Cancelling it again changes nothing.
 * @throws PermanentError `batch.not-found`, `batch.ended`.
 */
export async function cancelBatch(
  { batchId, by, reason }: CancelBatchInput,
  deps: AggregatorDeps,
): Promise<CancelBatchOutput> {
  const untilMs = Date.now() + cancellingMs;
  await transact(deps, 'command cancel batch', async (tx) => {
    const [batch] = await tx<(BatchSubject & { state: string })[]>`
      select id, lane, scope, traceparent, round, state from batches where id = ${batchId} for update`;
    if (!batch) throw new PermanentError('batch.not-found', `No batch has the id ${batchId}.`);
    if (batch.state === 'cancelled') return;
    if (batch.state !== 'opening' && batch.state !== 'open')
      throw new PermanentError('batch.ended', `Batch ${batchId} is ${batch.state}.`);
    await tx`
      update batches set state = 'cancelled', cancelled_by = ${by}, cancel_reason = ${reason} where id = ${batchId}`;
    await recordAudit(tx, 'aggregator', {
      actor: by,
      action: 'cancel-batch',
      subject: batchId,
      detail: { reason },
    });
    await addToOutbox(tx, [batchCancelledFact(batch, { by, reason }, deps.now())]);
  });
  return { batchId, requests: await endCancelledBatches(deps, { batchId, untilMs }) };
}
