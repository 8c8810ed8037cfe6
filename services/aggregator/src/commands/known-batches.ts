import type { KnownBatchesInput, KnownBatchesOutput } from '@sluice/contracts';
import { asTransient } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';

/** Those of the batches that the aggregator has noted, and those of them whose files were read. */
export async function knownBatches(
  { batchIds }: KnownBatchesInput,
  { sql }: Pick<AggregatorDeps, 'sql'>,
): Promise<KnownBatchesOutput> {
  try {
    const rows = await sql<{ id: string; opening: number }[]>`
      select id, opening from batches where id = any(${batchIds}::uuid[])`;
    return {
      known: rows.map(({ id }) => id),
      opened: rows.filter(({ opening }) => opening > 0).map(({ id }) => id),
    };
  } catch (error) {
    throw asTransient(error);
  }
}
