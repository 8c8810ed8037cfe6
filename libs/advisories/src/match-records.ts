import { printable, type AdvisoryMatch, type CompareVersions, type Severity } from '@sluice/contracts';
import type { AdvisoryRecord } from './advisory-record.ts';
import { cvssBaseScore, severityOfScore } from './cvss.ts';
import { firstFixed, isAffected } from './is-affected.ts';

/** The records that affect a version, worst first. */
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
