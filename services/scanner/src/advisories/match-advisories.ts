import { matchRecords, type AdvisoryRecord } from '@sluice/advisories';
import type { Names, ScanEvidence } from '@sluice/contracts';
import type { Sql } from '@sluice/postgres';

export type AdvisoryMatches = ScanEvidence['advisories'];

const none: AdvisoryMatches = { status: 'missing', version: null, matches: [] };

/**
 * The advisories that affect a package version, worst first.
 * @param ecosystem undefined for one that is not known.
 * @returns status `missing` when no set is loaded for the ecosystem: nothing is known then, which is not the same as
 * nothing being wrong.
 */
export async function matchAdvisories(
  sql: Sql,
  ecosystem: Names | undefined,
  name: string,
  version: string,
): Promise<AdvisoryMatches> {
  const osvName = ecosystem?.osvName ?? null;
  if (!ecosystem) return none;
  if (osvName === null) return { ...none, isCovered: false };
  // One statement, so that the set's version and its records are of one moment.
  const [set] = await sql<{ version: string; records: AdvisoryRecord[] }[]>`
    select s.version, coalesce(
      (select jsonb_agg(a.record order by a.id) from advisories a
       where a.ecosystem = s.ecosystem and a.package = ${ecosystem.canonicalName(name)}), '[]') as records
    from advisory_sets s where s.ecosystem = ${osvName}`;
  if (!set) return none;
  return {
    status: 'matched',
    version: set.version,
    matches: matchRecords(set.records, version, ecosystem.compareVersions),
  };
}
