import {
  isPinReadable,
  pinMatches,
  sourceConcerns,
  type DownloadEvidence,
  type Reason,
  type SourceConcern,
  type SubmissionItem,
} from '@sluice/contracts';
import { reason } from './reasons.ts';
import type { Policy, PolicyOutcome } from './schema.ts';

/** Pin and notes of one entry of a lockfile. */
export type ItemSource = Pick<SubmissionItem, 'integrity' | 'notes'>;

const keyOf = {
  'source.unpinned': 'unpinned',
  'source.contradiction': 'contradiction',
  'source.own-lockfile': 'ownLockfile',
} as const satisfies Record<SourceConcern, keyof Policy['source']>;

/**
 * Judges where a lockfile has a package version from: its pin and its address. These reasons are the item's own, since
 * one lockfile may be tampered with while all others are right; no decision on the package version lifts them.
 * Pure.
 * @param download evidence of the bytes that were judged; null when there is none.
 */
export function judgeItem(
  { integrity, notes }: ItemSource,
  download: DownloadEvidence | null,
  policy: Policy,
): Reason[] {
  const reasons = notes.flatMap(({ code, message }) =>
    isConcern(code) ? [reason(code, 'high', policy.source[keyOf[code]], message)] : [],
  );
  if (integrity === null) return reasons;
  const comparison = comparePin(integrity, download);
  if (comparison === 'mismatch') {
    const message = `The lockfile pins ${integrity}, the registry serves other bytes.`;
    reasons.push(reason('integrity.mismatch', 'critical', 'reject', message));
  } else if (!isPinReadable(integrity) || comparison === 'unknown') {
    const message = `The pin "${integrity.slice(0, 100)}" cannot be compared with the bytes.`;
    reasons.push(reason('integrity.unreadable', 'high', policy.integrity.unreadable, message));
  }
  return reasons;
}

/** A pin names one of the files. @returns null when there are no bytes to compare it with. */
function comparePin(pin: string, download: DownloadEvidence | null): ReturnType<typeof pinMatches> | null {
  const results = (download?.files ?? []).flatMap(({ digests }) =>
    digests ? [pinMatches(pin, digests)] : [],
  );
  return (['match', 'mismatch', 'unknown'] as const).find((result) => results.includes(result)) ?? null;
}

function isConcern(code: string): code is SourceConcern {
  return (sourceConcerns as readonly string[]).includes(code);
}

/** The strictest of some outcomes; `approve` of none. */
export function strictest(outcomes: readonly PolicyOutcome[]): PolicyOutcome {
  if (outcomes.includes('reject')) return 'reject';
  return outcomes.includes('review') ? 'review' : 'approve';
}
