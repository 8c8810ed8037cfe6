import type { Sql } from '@sluice/postgres';
import type { DiffItem } from '../projects/make-diff.ts';

/** Package versions of one refresh that are compared, at most. */
const itemsMax = 100_000;

/** The package versions of all requests of a batch, each once, with the gravest of its outcomes. */
export async function refreshItems(read: Sql, batchId: string): Promise<DiffItem[]> {
  const rows = await read<DiffItem[]>`
    select i.purl, (array_agg(i.outcome order by array_position(
      array['failed', 'reject', 'cancelled', 'unassessable', 'review', 'approve'], i.outcome)))[1] as outcome
    from requests r join request_items i on i.request_id = r.id
    where r.batch_id = ${batchId} and i.purl is not null
    group by i.purl order by i.purl limit ${itemsMax}`;
  return [...rows];
}
