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
  return mergeAliases(matches, compare).toSorted(worstFirst);
}

function worstFirst(a: AdvisoryMatch, b: AdvisoryMatch): number {
  return (
    Number(b.malicious) - Number(a.malicious) ||
    (b.score ?? -1) - (a.score ?? -1) ||
    rank(b.severity) - rank(a.severity) ||
    (a.id < b.id ? -1 : 1)
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

/** Records that name each other, or the same third one, are about one flaw: one line for the reader, with all that any of them says. */
function mergeAliases(matches: AdvisoryMatch[], compare: CompareVersions): AdvisoryMatch[] {
  const groups: AdvisoryMatch[][] = [];
  for (const match of matches) {
    const same = groups.filter((group) => group.some((other) => isSameFlaw(match, other)));
    for (const group of same) groups.splice(groups.indexOf(group), 1);
    groups.push([...same.flat(), match]);
  }
  return groups.map((group) => merge(group.toSorted(worstFirst), compare));
}

function isSameFlaw(a: AdvisoryMatch, b: AdvisoryMatch): boolean {
  const ids = new Set([a.id, ...a.aliases]);
  return [b.id, ...b.aliases].some((id) => ids.has(id));
}

/** @param group of one flaw, worst first. */
function merge(group: AdvisoryMatch[], compare: CompareVersions): AdvisoryMatch {
  const [worst] = group;
  const ids = new Set(group.flatMap(({ id, aliases }) => [id, ...aliases]));
  ids.delete(worst!.id);
  const severity = group
    .map((match) => match.severity)
    .reduce((highest, other) => (rank(other) > rank(highest) ? other : highest));
  const fixes = [...new Set(group.flatMap(({ fixedIn }) => fixedIn ?? []))];
  return {
    ...worst!,
    aliases: [...ids],
    severity,
    // Each record knows of its own fix: the highest one has all of them.
    fixedIn: fixes.toSorted((a, b) => compare(b, a) ?? 0)[0] ?? null,
  };
}

function rank(severity: Severity | null): number {
  return severity === null ? -1 : ['info', 'low', 'medium', 'high', 'critical'].indexOf(severity);
}
