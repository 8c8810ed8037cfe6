import type { AdvisoryMatch, ScanEvidence, Severity } from '@sluice/contracts';
import type { Sql } from '@sluice/postgres';
import { printable } from '@sluice/inspection';
import { advisoryPackageName, osvEcosystems, type AdvisoryRecord } from './advisory-record.ts';
import { cvssBaseScore, severityOfScore } from './cvss.ts';
import { compareVersions, firstFixed, isAffected, type CompareVersions } from './is-affected.ts';

export type AdvisoryMatches = ScanEvidence['advisories'];

const none: AdvisoryMatches = { status: 'missing', version: null, matches: [] };

/**
 * The advisories that affect a package version, worst first.
 * @param type purl type.
 * @returns status `missing` when no set is loaded for the ecosystem: nothing is known then, which is not the same as
 * nothing being wrong.
 */
export async function matchAdvisories(
  sql: Sql,
  type: string,
  name: string,
  version: string,
): Promise<AdvisoryMatches> {
  const ecosystem = Object.hasOwn(osvEcosystems, type) ? osvEcosystems[type] : undefined;
  if (!ecosystem) return none;
  // One statement, so that the set's version and its records are of one moment.
  const [set] = await sql<{ version: string; records: AdvisoryRecord[] }[]>`
    select s.version, coalesce(
      (select jsonb_agg(a.record order by a.id) from advisories a
       where a.ecosystem = s.ecosystem and a.package = ${advisoryPackageName(ecosystem, name)}), '[]') as records
    from advisory_sets s where s.ecosystem = ${ecosystem}`;
  if (!set) return none;
  return {
    status: 'matched',
    version: set.version,
    matches: matchRecords(set.records, version, compareVersions[ecosystem]),
  };
}

/** Pure part of matchAdvisories. */
export function matchRecords(
  records: readonly AdvisoryRecord[],
  version: string,
  compare: CompareVersions,
): AdvisoryMatch[] {
  const matches = records
    .filter((record) => isAffected(record, version, compare))
    .map((record) => toMatch(record, version, compare));
  return withSeverityOfAliases(matches).toSorted(
    (a, b) =>
      Number(b.malicious) - Number(a.malicious) ||
      (b.score ?? -1) - (a.score ?? -1) ||
      rank(b.severity) - rank(a.severity) ||
      (a.id < b.id ? -1 : 1),
  );
}

function toMatch(record: AdvisoryRecord, version: string, compare: CompareVersions): AdvisoryMatch {
  const scores = record.vectors.flatMap((vector) => cvssBaseScore(vector) ?? []);
  const score = scores.length > 0 ? Math.max(...scores) : null;
  return {
    id: record.id,
    aliases: record.aliases,
    severity: score === null ? record.rating : severityOfScore(score),
    score,
    summary: printable(record.summary, 200),
    // The ids under which OSV collects reports of malicious packages.
    malicious: [record.id, ...record.aliases].some((id) => id.startsWith('MAL-')),
    fixedIn: firstFixed(record, version, compare),
  };
}

/** Some databases rate nothing; where another has the same flaw, its rating holds. */
function withSeverityOfAliases(matches: AdvisoryMatch[]): AdvisoryMatch[] {
  return matches.map((match) => {
    if (match.severity !== null) return match;
    const ids = new Set([match.id, ...match.aliases]);
    const rated = matches.find(
      (other) => other.severity !== null && [other.id, ...other.aliases].some((id) => ids.has(id)),
    );
    return rated ? { ...match, severity: rated.severity, score: rated.score } : match;
  });
}

function rank(severity: Severity | null): number {
  return severity === null ? -1 : ['info', 'low', 'medium', 'high', 'critical'].indexOf(severity);
}
