import type { ItemOutcome, Lane } from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import { noteChangedBatch } from '../batches/settle-batches.ts';

export interface ReopenedRequest {
  lane: Lane;
  scope: string;
  traceparent: string | null;
  round: number;
}

/** An item that is taken back into its request. */
export interface ReopenedItem {
  ordinal: number;
  /** Null when it has not ended. */
  outcome: ItemOutcome | null;
}

/** Takes ended items back into a request, which begins another round. The items' rows are locked by the caller. */
export async function reopenItems(
  tx: Tx,
  requestId: string,
  items: ReopenedItem[],
): Promise<ReopenedRequest> {
  const ended = items.filter(({ outcome }) => outcome !== null);
  await tx`
    update items set outcome = null, assessment_id = null, ended_at = null
    where request_id = ${requestId} and ordinal = any(${ended.map(({ ordinal }) => ordinal)}::int[])`;
  const taken: Record<string, number> = {};
  for (const { outcome } of ended) taken[outcome!] = (taken[outcome!] ?? 0) + 1;
  const [row] = await tx<(ReopenedRequest & { batchId: string | null })[]>`
    update requests set state = 'open', completed_at = null, round = round + 1, open_items = open_items + ${ended.length},
      counts = counts || coalesce((
        select jsonb_object_agg(outcome, coalesce((counts ->> outcome)::int, 0) - n::int)
        from jsonb_each_text(${JSON.stringify(taken)}::text::jsonb) as t (outcome, n)), '{}')
    where id = ${requestId} returning lane, scope, traceparent, round, batch_id as "batchId"`;
  const { batchId, ...request } = row!;
  noteChangedBatch(tx, batchId);
  return request;
}
