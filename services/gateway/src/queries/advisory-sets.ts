import type { Sql } from '@sluice/postgres';

/** The state of an ecosystem's advisories. */
export interface AdvisorySet {
  ecosystem: string;
  result: string;
  detail: string | null;
  version: string | null;
  recordCount: number;
  importedAt: Date | null;
  checkedAt: Date;
  /** When it was last known to be the newest; null when never. */
  confirmedAt: Date | null;
}

export function listAdvisorySets(read: Sql): Promise<AdvisorySet[]> {
  return read<AdvisorySet[]>`
    select ecosystem, result, detail, version, record_count as "recordCount", imported_at as "importedAt",
      checked_at as "checkedAt", confirmed_at as "confirmedAt"
    from advisory_sets order by ecosystem`;
}
