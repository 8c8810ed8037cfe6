import type { EventData, batchCancelled, batchCompleted } from '@sluice/contracts';
import type { Received } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { nothingOpened } from '../batches/describe-opened.ts';
import { saveOpened } from '../batches/save-opened.ts';
import type { ImporterDeps } from '../deps.ts';
import { transact } from '../transact.ts';
import { endRefresh } from './end-refresh.ts';

type Completed = EventData<typeof batchCompleted>;
type Cancelled = EventData<typeof batchCancelled>;

/** Ends the refreshes whose batches have ended. Repeating it changes nothing: no inbox is needed. */
export function onBatchCompleted(deps: ImporterDeps) {
  return (batch: Received<Completed>[]): Promise<void> =>
    inOrder(batch, deps, (tx, { batchId, counts, completedAt, failure, round }) =>
      endRefresh(tx, batchId, {
        state: failure ? 'failed' : 'completed',
        counts,
        failure,
        at: new Date(completedAt),
        round,
      }),
    );
}

/**
 * Ends cancelled refreshes. One whose repository is not read has its batch opened without files, so that the batch ends; the importer
 * that reads it notices within a second, and ends git.
 */
export function onBatchCancelled(deps: ImporterDeps) {
  return (batch: Received<Cancelled>[]): Promise<void> =>
    inOrder(batch, deps, async (tx, { batchId, lane, scope, at }) => {
      const [row] = await tx<
        { state: string }[]
      >`select state from refreshes where id = ${batchId} for update`;
      if (row?.state !== 'queued' && row?.state !== 'open') return;
      if (row.state === 'queued') {
        const about = {
          id: batchId,
          lane,
          scope,
          requester: '',
          labels: {},
          platforms: [],
          submittedAt: new Date(at),
        };
        await saveOpened(tx, about, { batchId, lane, scope, ...nothingOpened, opening: 1, openedAt: at }, []);
      }
      await endRefresh(tx, batchId, { state: 'cancelled', counts: null, at: new Date(at), round: 1 });
    });
}

/** Handles events in one transaction, in the order of their batches: two importers lock rows in the same one. */
function inOrder<Data extends { batchId: string }>(
  batch: Received<Data>[],
  deps: ImporterDeps,
  handle: (tx: Tx, data: Data) => Promise<void>,
): Promise<void> {
  const sorted = batch.toSorted((a, b) => (a.event.data.batchId < b.event.data.batchId ? -1 : 1));
  return transact(deps, async (tx) => {
    for (const { event } of sorted) await handle(tx, event.data);
  });
}
