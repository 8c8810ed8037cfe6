import { canonicalExpression, parseExpressionOrNull, type SpdxExpression } from '@sluice/licenses';
import { matchesAny } from './patterns.ts';
import { rank, type PolicyDocument, type PolicyOutcome } from './schema.ts';

type LicensePolicy = PolicyDocument['license'];
type SpdxLicense = Exclude<SpdxExpression, { conjunction: string }>;

export interface LicenseJudgement {
  outcome: PolicyOutcome;
  /** The licenses that led to it. */
  licenses: string[];
  /** Those of them that no list has: custom ones, and texts that are no expression. */
  unknown: string[];
}

/**
 * Judges an SPDX expression: of `OR` the user takes the best, of `AND` the worst holds. An exception
 * behind `WITH` only adds permissions, so that it changes nothing. Licenses outside of the SPDX list are unknown
 * unless the policy lists them, and so is a text that is no expression.
 */
export function judgeExpression(expression: string, policy: LicensePolicy): LicenseJudgement {
  // Identifiers that the list retired are judged by their replacement: `wxWindows` is an LGPL.
  const parsed = parseExpressionOrNull(canonicalExpression(expression) ?? '');
  if (!parsed) return { outcome: policy.unknown, licenses: [expression], unknown: [expression] };
  return judgeNode(parsed, policy);
}

function judgeNode(node: SpdxExpression, policy: LicensePolicy): LicenseJudgement {
  if (!('conjunction' in node)) return judgeLicense(node, policy);
  const left = judgeNode(node.left, policy);
  const right = judgeNode(node.right, policy);
  if (rank[left.outcome] === rank[right.outcome]) {
    return {
      outcome: left.outcome,
      licenses: [...left.licenses, ...right.licenses],
      unknown: [...left.unknown, ...right.unknown],
    };
  }
  const leftIsBetter = rank[left.outcome] < rank[right.outcome];
  return leftIsBetter === (node.conjunction === 'or') ? left : right;
}

function judgeLicense(license: SpdxLicense, policy: LicensePolicy): LicenseJudgement {
  const names = namesOf(license);
  const is = (patterns: readonly string[]) => names.some((name) => matchesAny(name, patterns, 'any-case'));
  const licenses = [license.license];
  if (is(policy.deny)) return { outcome: 'reject', licenses, unknown: [] };
  if (is(policy.review)) return { outcome: 'review', licenses, unknown: [] };
  if (license.license.includes('LicenseRef-') && !is(policy.accept)) {
    return { outcome: policy.unknown, licenses, unknown: licenses };
  }
  return { outcome: 'approve', licenses, unknown: [] };
}

/**
 * The names that a policy may call a license by: with its exception too, and for a GNU license also those that the
 * SPDX list gave up (`GPL-2.0`, `GPL-2.0+`): a policy that still says so means the license, with either suffix.
 */
function namesOf({ license, plus, exception }: SpdxLicense): string[] {
  const later = plus === true || license.endsWith('-or-later');
  const base = license.replace(/-(?:only|or-later)$/, '');
  const names = new Set([license, base]);
  if (later) names.add(`${base}+`).add(`${base}-or-later`);
  else if (base === license) names.add(`${base}-only`);
  return exception ? [...names, ...[...names].map((name) => `${name} WITH ${exception}`)] : [...names];
}
