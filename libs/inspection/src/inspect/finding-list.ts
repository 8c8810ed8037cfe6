import type { Finding, Severity } from '@sluice/contracts';
import type { Hit, Tier } from '../rules/rule.ts';
import { printable } from '@sluice/contracts';

const tierRank: Record<Tier, number> = { block: 0, review: 1, note: 2 };
const severityRank: Record<Severity, number> = { critical: 0, high: 1, medium: 2, low: 3, info: 4 };
const pathLengthMax = 240;
const titleLengthMax = 160;

export interface RuleHead {
  id: string;
  title: string;
  severity: Severity;
  tier: Tier;
}

/** A hit as it is reported. Paths and titles may hold text from the archive and are made safe here, in one place. */
export function toFinding(rule: RuleHead, hit: Hit): Finding {
  return {
    rule: rule.id,
    severity: hit.severity ?? rule.severity,
    tier: hit.tier ?? rule.tier,
    title: printable(hit.title ?? rule.title, titleLengthMax),
    file: hit.file ? printable(hit.file, pathLengthMax) : null,
    line: hit.line ?? null,
    excerpt: hit.excerpt ?? null,
  };
}

/** Worst first, then by rule, file and line: the same archive always gives the same list. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (a, b) =>
      tierRank[a.tier] - tierRank[b.tier] ||
      severityRank[a.severity] - severityRank[b.severity] ||
      compare(a.rule, b.rule) ||
      compare(a.file ?? '', b.file ?? '') ||
      (a.line ?? 0) - (b.line ?? 0) ||
      compare(a.title, b.title) ||
      compare(a.excerpt ?? '', b.excerpt ?? ''),
  );
}

/** Not localeCompare: the order must not depend on the machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
