import {
  comparePins,
  decisivePins,
  hasPin,
  otherHashDigits,
  otherHashesMax,
  sourceConcerns,
  unreadable,
  type ByteDigests,
  type DownloadEvidence,
  type Pin,
  type Reason,
  type SourceConcern,
  type SubmissionItem,
} from '@sluice/contracts';
import { reason } from './reasons.ts';
import type { Policy, PolicyOutcome } from './schema.ts';

/** Pins and notes of one entry of a lockfile. */
export type ItemSource = Pick<SubmissionItem, 'pins' | 'notes'>;

const outcomeOf: Record<SourceConcern, (policy: Policy) => PolicyOutcome> = {
  'source.unpinned': ({ source }) => source.unpinned,
  'source.contradiction': ({ source }) => source.contradiction,
  'source.own-lockfile': ({ source }) => source.ownLockfile,
  'integrity.unreadable': ({ integrity }) => integrity.unreadable,
};

/**
 * Judges where a lockfile has a package version from: its pins and its address. These reasons are the item's own, since
 * one lockfile may be tampered with while all others are right; no decision on the package version lifts them.
 * Pure.
 * @param download evidence of the bytes that were judged; null when there is none.
 */
export function judgeItem(
  { pins, notes }: ItemSource,
  download: DownloadEvidence | null,
  policy: Policy,
): Reason[] {
  const files = (download?.files ?? []).flatMap(({ digests }) => digests ?? []);
  const comparison = pins.length > 0 && files.length > 0 ? comparePins(pins, files) : null;
  const concerns = notes.flatMap(({ code, message }) =>
    isConcern(code) ? [reason(code, 'high', outcomeOf[code](policy), message)] : [],
  );
  const isNoted = concerns.some(({ code }) => code === 'integrity.unreadable');
  const partly =
    pins.length > 0 && download?.otherHashes ? comparePartly(pins, files, download.otherHashes) : null;
  if (partly !== null && (comparison === 'match' || partly.isOther)) {
    return partly.message === null
      ? concerns
      : [...concerns, reason('integrity.not-assessed', 'high', policy.integrity.unreadable, partly.message)];
  }
  if (comparison === 'mismatch') {
    const message = `The lockfile pins ${shown(pins)}, the registry serves other bytes.`;
    // Bytes that differ say more than a part of the pin that is not understood.
    return [
      ...concerns.filter(({ code }) => code !== 'integrity.unreadable'),
      reason('integrity.mismatch', 'critical', 'reject', message),
    ];
  }
  if (comparison !== 'unreadable' || isNoted) return concerns;
  const { code, message } = unreadable(shown(pins));
  return [...concerns, reason(code, 'high', policy.integrity.unreadable, message)];
}

/**
 * Compares pins with a version of which not all files were assessed: an installer may take any pinned file.
 * @param others beginnings of the hashes of the files that were not assessed.
 * @returns the message for pins that were not assessed, and whether one of them is of another file of the version.
 */
function comparePartly(
  pins: Pin[],
  files: ByteDigests[],
  others: readonly string[],
): { isOther: boolean; message: string | null } {
  const known = new Set(others);
  const isAssessed = (pin: Pin) => files.some((digests) => hasPin(digests, pin) === true);
  const isOther = ({ hex }: Pin) => known.has(hex.slice(0, otherHashDigits));
  const decisive = decisivePins(pins);
  const left = decisive.filter((pin) => !isAssessed(pin));
  const strange = left.filter((pin) => !isOther(pin));
  const anyOther = left.length > strange.length || others.length >= otherHashesMax;
  const isMatched = left.length < decisive.length;
  if (strange.length > 0)
    return {
      isOther: anyOther,
      message: `The lockfile pins files that the registry does not state: ${shown(strange)}.`,
    };
  return {
    isOther: anyOther,
    message: isMatched ? null : 'The lockfile pins only files of the version that were not assessed.',
  };
}

/** A version with many files may have as many pins. */
const pinsShown = 3;

function shown(pins: Pin[]): string {
  const listed = pins.slice(0, pinsShown).map(({ algorithm, hex }) => `${algorithm}:${hex}`);
  const others = pins.length - listed.length;
  return listed.join(', ') + (others > 0 ? ` and ${others} more` : '');
}

function isConcern(code: string): code is SourceConcern {
  return (sourceConcerns as readonly string[]).includes(code);
}

/** The strictest of some outcomes; `approve` of none. */
export function strictest(outcomes: readonly PolicyOutcome[]): PolicyOutcome {
  if (outcomes.includes('reject')) return 'reject';
  return outcomes.includes('review') ? 'review' : 'approve';
}
