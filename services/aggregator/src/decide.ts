import type { Decision, Verdict } from '@sluice/contracts';
import { mayOverride, type Policy } from '@sluice/policy';

/**
 * The decision that follows from a new verdict, or null when the one that holds goes on holding. Pure.
 *
 * A person's decision outlasts later verdicts, except an approval that the policy lets nobody make. What the policy
 * approved and would no longer approve is recalled: then a person decides.
 */
export function decideByPolicy(
  verdict: Verdict,
  current: Decision | null,
  policy: Policy,
  now: Date,
): Omit<Decision, 'sequence'> | null {
  const holds = current && !hasEnded(current, now) ? current : null;
  const state = wantedState(verdict, holds, policy);
  if (state === null || state === holds?.state) return null;
  const reasons = verdict.reasons
    .filter((reason) => reason.outcome === verdict.outcome)
    .map((reason) => reason.code);
  return {
    state,
    by: { kind: 'policy', name: policy.name },
    reason: [...new Set(reasons)].join(', ') || 'nothing found',
    at: now.toISOString(),
    until: null,
  };
}

/** An approval or rejection with an end stops holding at that time. */
export function hasEnded(decision: Decision, now: Date): boolean {
  return decision.until !== null && new Date(decision.until) <= now;
}

function wantedState(verdict: Verdict, holds: Decision | null, policy: Policy): Decision['state'] | null {
  const { approval } = policy;
  if (holds?.by.kind === 'person' && holds.state !== 'recalled') {
    return holds.state === 'approved' && !mayOverride(verdict, policy) ? 'rejected' : null;
  }
  if (verdict.outcome === 'approve' && approval.approve === 'automatic') return 'approved';
  if (verdict.outcome === 'reject' && approval.reject === 'automatic') return 'rejected';
  return holds?.state === 'approved' ? 'recalled' : null;
}
