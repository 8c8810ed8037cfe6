import type { batchSubmitted, EventData } from '@sluice/contracts';
import type { Received } from '@sluice/delivery';
import { columnsOf } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';
import { transact } from '../transact.ts';

type Submitted = EventData<typeof batchSubmitted>;

/** Notes batches before their files are read, so that they can be cancelled. Repeating it changes nothing: no inbox is needed. */
export function onBatchSubmitted(deps: AggregatorDeps) {
  return async (batch: Received<Submitted>[]): Promise<void> => {
    const sorted = batch.toSorted((a, b) => (a.event.data.batchId < b.event.data.batchId ? -1 : 1));
    await transact(deps, 'on batch submitted', async (tx) => {
      const column = columnsOf(tx, sorted);
      await tx`
        insert into batches (id, lane, scope, traceparent)
        select * from unnest(
          ${column(({ event }) => event.data.batchId)}::uuid[], ${column(({ event }) => event.data.lane)},
          ${column(({ event }) => event.data.scope)}, ${column(({ traceparent }) => traceparent ?? null)})
        on conflict do nothing`;
    });
  };
}
