import type { AdvisorySet } from '@sluice/api';
import type { Sql } from '@sluice/postgres';
import { datesAsText, type Dated } from './dated.ts';

type Row = Dated<AdvisorySet, 'importedAt' | 'checkedAt' | 'confirmedAt'>;

export async function listAdvisorySets(read: Sql): Promise<AdvisorySet[]> {
  const rows = await read<Row[]>`
    select ecosystem, result, detail, version, record_count as "recordCount", imported_at as "importedAt",
      checked_at as "checkedAt", confirmed_at as "confirmedAt"
    from advisory_sets order by ecosystem`;
  return rows.map(datesAsText);
}
