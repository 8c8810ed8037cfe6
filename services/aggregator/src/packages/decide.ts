import type { Decision, DownloadEvidence, Verdict } from '@sluice/contracts';
import { mayOverride, type Policy } from '@sluice/policy';

/** Findings on a package version, as far as decisions need them. */
export interface Found {
  verdict: Verdict;
  /** Digests of the files that were assessed; empty when there were none. */
  digests: string[];
}

/**
 * The decision that follows from a new verdict, or null when the one that holds goes on holding. Pure.
 *
 * A person's decision outlasts later verdicts, except an approval that the policy forbids, and one of other
 * bytes than these. An approval that no longer follows is recalled: then a person decides.
 */
export function decideByPolicy(
  { verdict, digests }: Found,
  current: Decision | null,
  policy: Policy,
  now: Date,
): Omit<Decision, 'sequence'> | null {
  const holds = current && !hasEnded(current, now) ? current : null;
  const state = wantedState({ verdict, digests }, holds, policy);
  if (state === null || (state === holds?.state && isAbout(holds, digests))) return null;
  const reasons = verdict.reasons
    .filter((reason) => reason.outcome === verdict.outcome)
    .map(({ code, waivedBy }) => (waivedBy === undefined ? code : `${code} (waived)`));
  return {
    state,
    by: { kind: 'policy', name: policy.name },
    reason: [...new Set(reasons)].join(', ') || 'nothing found',
    at: now.toISOString(),
    until: null,
    digests,
  };
}

/** An approval or rejection with an end stops holding at that time. */
export function hasEnded(decision: Decision, now: Date): boolean {
  return decision.until !== null && new Date(decision.until) <= now;
}

/** The files whose bytes were verified, with their SHA-512 in hex. */
export function verifiedFiles(download: DownloadEvidence | null): { file: string; sha512: string }[] {
  return (download?.files ?? []).flatMap(({ file, status, digests }) =>
    status === 'verified' && digests ? [{ file, sha512: digests.sha512 }] : [],
  );
}

/** Digests of the bytes that were verified, as decisions name them. */
export function digestsOf(download: DownloadEvidence | null): string[] {
  return verifiedFiles(download).map(({ sha512 }) => `sha512:${sha512}`);
}

function wantedState(found: Found, holds: Decision | null, policy: Policy): Decision['state'] | null {
  const { verdict } = found;
  const { approval } = policy;
  if (holds?.by.kind === 'person' && holds.state === 'rejected') return null;
  if (holds?.by.kind === 'person' && holds.state === 'approved' && isOfTheseBytes(holds, found)) {
    return mayOverride(verdict, policy) ? null : 'rejected';
  }
  if (verdict.outcome === 'approve' && approval.approve === 'automatic') return 'approved';
  if (verdict.outcome === 'reject' && approval.reject === 'automatic') return 'rejected';
  return holds?.state === 'approved' ? 'recalled' : null;
}

/** A person approves certain bytes. Older decisions do not name them; there the reason `integrity.changed` tells. */
function isOfTheseBytes(decision: Decision, { verdict, digests }: Found): boolean {
  if (decision.digests && decision.digests.length > 0) return isAbout(decision, digests);
  return !verdict.reasons.some(({ code }) => code === 'integrity.changed');
}

/** Whether a decision is about these files, or none are there to compare. */
function isAbout({ digests: decided = [] }: Decision, digests: string[]): boolean {
  return decided.length === 0 || digests.every((digest) => decided.includes(digest));
}
