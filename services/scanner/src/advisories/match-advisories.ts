import { matchRecords, type AdvisoryRecord } from '@sluice/advisories';
import type { MatchAdvisoriesInput, MatchAdvisoriesOutput, Names, ScanEvidence } from '@sluice/contracts';
import { asTransient, type Sql } from '@sluice/postgres';

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

/** Names of packages in one statement: a lockfile has some thousand. */
const namesMax = 1_000;

/** The advisories that affect any of many package versions; those that none affects are left out. */
export async function matchAllAdvisories(
  sql: Sql,
  names: readonly Names[],
  { type, packages }: MatchAdvisoriesInput,
): Promise<MatchAdvisoriesOutput> {
  const ecosystem = names.find((one) => one.type === type);
  if (!ecosystem?.osvName) return { status: 'missing', affected: [] };
  const { osvName, compareVersions } = ecosystem;
  const affected: MatchAdvisoriesOutput['affected'] = [];
  for (let start = 0; start === 0 || start < packages.length; start += namesMax) {
    const part = packages.slice(start, start + namesMax);
    const wanted = part.map(({ name }) => ecosystem.canonicalName(name));
    const [set] = await sql<{ records: Record<string, AdvisoryRecord[]> }[]>`
      select coalesce((select json_object_agg(package, records) from (
        select package, json_agg(record order by id) as records from advisories
        where ecosystem = ${osvName} and package = any(${wanted}::text[]) group by package) as found), '{}') as records
      from advisory_sets where ecosystem = ${osvName}`.catch((error: unknown) => {
      throw asTransient(error);
    });
    if (!set) return { status: 'missing', affected: [] };
    for (const { name, versions } of part) {
      const records = set.records[ecosystem.canonicalName(name)] ?? [];
      for (const version of new Set(versions)) {
        const matches = matchRecords(records, version, compareVersions);
        if (matches.length > 0) affected.push({ name, version, matches });
      }
    }
  }
  return { status: 'matched', affected };
}
