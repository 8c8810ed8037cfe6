import parseSpdx, { type Info } from 'spdx-expression-parse';
import type { PolicyDocument, PolicyOutcome } from './schema.ts';

const rank: Record<PolicyOutcome, number> = { approve: 0, review: 1, reject: 2 };

export interface LicenseJudgement {
  outcome: PolicyOutcome;
  /** The licenses that led to it. */
  licenses: string[];
}

/**
 * What the policy says of an SPDX expression: of `OR` the user takes the best, of `AND` the worst holds.
 * @param expression a valid SPDX expression.
 */
export function judgeExpression(expression: string, policy: PolicyDocument['license']): LicenseJudgement {
  return judgeNode(parseSpdx(expression), policy);
}

function judgeNode(node: Info, policy: PolicyDocument['license']): LicenseJudgement {
  if ('license' in node) {
    const outcome = matchesAny(node.license, policy.deny)
      ? 'reject'
      : matchesAny(node.license, policy.review)
        ? 'review'
        : 'approve';
    return { outcome, licenses: [node.license] };
  }
  const left = judgeNode(node.left, policy);
  const right = judgeNode(node.right, policy);
  if (rank[left.outcome] === rank[right.outcome]) {
    return { outcome: left.outcome, licenses: [...left.licenses, ...right.licenses] };
  }
  const leftIsBetter = rank[left.outcome] < rank[right.outcome];
  return leftIsBetter === (node.conjunction === 'or') ? left : right;
}

function matchesAny(license: string, patterns: string[]): boolean {
  return patterns.some((pattern) => {
    const source = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${source.join('.*')}$`, 'i').test(license);
  });
}
