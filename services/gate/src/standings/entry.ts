import type { Decision, Release, Standing } from '@sluice/contracts';
import { packRelease, type PackedRelease } from './packed-release.ts';

/** How a package version stands in a scope, as the gate keeps it. */
export interface Entry {
  /** Of the decision; a higher one replaces a lower one. 0 before there is any. */
  sequence: number;
  state: Decision['state'] | 'ended' | 'undecided';
  /** When the decision ends, in milliseconds since 1970; null for never. */
  until: number | null;
  /** When the decision was made, in milliseconds since 1970. */
  decidedAt: number | null;
  /** The bytes that an approval lets be installed; null where it names none. */
  release: PackedRelease | null;
  /** Of the newest verdict: its outcome and the codes that lead to it. */
  verdict: Standing['verdict'];
}

export const unknownEntry: Readonly<Entry> = {
  sequence: 0,
  state: 'undecided',
  until: null,
  decidedAt: null,
  release: null,
  verdict: null,
};

/** Whether an approval holds at a time. */
export function isApproved(entry: Entry, nowMs: number): boolean {
  return (
    entry.state === 'approved' && (entry.until === null || entry.until > nowMs) && entry.release !== null
  );
}

export function isRefused({ state }: Entry): boolean {
  return state === 'rejected' || state === 'recalled';
}

/** The entry after a decision; an older one changes nothing. Pure. */
export function withDecision(entry: Entry, decision: Decision, release: Release | null): Entry {
  if (decision.sequence < entry.sequence) return entry;
  const isSame = decision.sequence === entry.sequence && entry.state !== 'ended';
  return {
    ...entry,
    sequence: decision.sequence,
    state: decision.sequence === entry.sequence && entry.state === 'ended' ? 'ended' : decision.state,
    until: decision.until === null ? null : Date.parse(decision.until),
    decidedAt: Date.parse(decision.at),
    release: release ? packRelease(release) : isSame ? entry.release : null,
  };
}

/** The entry after the decision of a sequence has ended. Pure. */
export function withEnd(entry: Entry, sequence: number): Entry {
  if (sequence < entry.sequence) return entry;
  return { ...entry, sequence, state: 'ended', release: null };
}

const verdicts = new Map<string, NonNullable<Standing['verdict']>>();
/** Of outcomes and codes there are few; that many at once would be junk. */
const verdictsMax = 10_000;

/** The same verdict for all package versions that have it. */
export function sharedVerdict({
  outcome,
  codes,
}: NonNullable<Standing['verdict']>): NonNullable<Standing['verdict']> {
  const key = [outcome, ...codes].join(' ');
  const known = verdicts.get(key);
  if (known) return known;
  if (verdicts.size >= verdictsMax) verdicts.clear();
  const verdict = { outcome, codes };
  verdicts.set(key, verdict);
  return verdict;
}
