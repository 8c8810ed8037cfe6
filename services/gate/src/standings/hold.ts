import type { Release } from '@sluice/contracts';
import { names } from '@sluice/ecosystems/names';
import { isApproved, isRefused, type Entry } from './entry.ts';
import { unpackRelease } from './packed-release.ts';
import type { Place, StandingIndex } from './standing-index.ts';

/** Why a package version may not be installed now. */
export interface Hold {
  /**
   * `unknown`: never asked for. `assessing`: evidence is being gathered. `undecided`: it has a verdict and waits for its
   * decision. `review`: waits for a person. `rejected`, `recalled`, `ended`: what became of its decision. `failed`: its evidence
   * cannot be gathered. `no-bytes`: it is approved, and no bytes go with that.
   */
  state:
    | 'unknown'
    | 'assessing'
    | 'undecided'
    | 'review'
    | 'rejected'
    | 'recalled'
    | 'ended'
    | 'failed'
    | 'no-bytes';
  /** Codes of the reasons. */
  codes: string[];
}

/** An approval that does not name the bytes that are asked for. */
export const noBytes: Hold = { state: 'no-bytes', codes: [] };

export type Answer = { release: Release } | { hold: Hold };

/** Whether a package version may be installed in a scope at a time. Documents and archives are answered by this alone. */
export function answerFor(index: StandingIndex, place: Place, nowMs: number): Answer {
  const entry = entryFor(index, place);
  if (isApproved(entry, nowMs)) return { release: unpackRelease(entry.release!) };
  const codes = entry.verdict?.codes ?? [];
  const hold = (state: Hold['state'], of: string[] = codes) => ({ hold: { state, codes: of } });
  if (entry.state === 'rejected' || entry.state === 'recalled') return hold(entry.state);
  const work = index.work(place);
  if (work?.state === 'running') return hold('assessing', []);
  if (entry.state === 'approved') {
    const isOver = entry.until !== null && entry.until <= nowMs;
    return hold(isOver ? 'ended' : 'no-bytes', []);
  }
  if (work?.state === 'failed') return hold('failed', [work.code]);
  if (entry.state === 'ended') return hold('ended');
  if (entry.verdict === null) return hold('unknown');
  return hold(entry.verdict.outcome === 'approve' ? 'undecided' : 'review');
}

/** Whether `answerFor` has a release, for lists: of many versions, to unpack each would take long. */
export function isReleased(index: StandingIndex, place: Place, nowMs: number): boolean {
  return isApproved(entryFor(index, place), nowMs);
}

/** The entry that counts: installers take `1.0` for `1.0.0`, so that who refuses one of them refuses both. */
function entryFor(index: StandingIndex, place: Place): Entry {
  const own = index.find(place);
  if (isRefused(own)) return own;
  for (const version of index.refused(place)) {
    const compare = names.find(({ type }) => type === place.type)?.compareVersions;
    if (compare?.(version, place.version) === 0) return index.find({ ...place, version });
  }
  return own;
}

const sentences: Record<Hold['state'], string> = {
  unknown: 'is not assessed yet',
  assessing: 'is being assessed',
  undecided: 'waits for its decision',
  review: 'waits for a review',
  rejected: 'is rejected',
  recalled: 'is recalled and waits for a review',
  ended: 'was approved until its approval ended',
  failed: 'cannot be assessed',
  'no-bytes': 'is approved without any bytes',
};

/** A hold in words: `is rejected (malware.known)`. */
export function describeHold({ state, codes }: Hold): string {
  const shown = codes.slice(0, 3).join(', ');
  return sentences[state] + (shown === '' ? '' : ` (${shown})`);
}

/** Whether waiting a moment may change the answer. */
export function mayPass({ state }: Hold): boolean {
  return state === 'unknown' || state === 'assessing' || state === 'undecided';
}
