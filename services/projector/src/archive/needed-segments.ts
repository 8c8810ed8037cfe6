import { PermanentError } from '@sluice/contracts';
import type { Checkpoint } from '../apply.ts';
import type { Segment } from './segments.ts';

/**
 * The segments whose events the stream does not have: all of earlier epochs, and of this one those that begin before
 * the stream does. Pure.
 * @param snapshots of each epoch, the place of its last snapshot: its events up to there were applied.
 * @param base the place from which events are needed: that of a snapshot.
 * @throws PermanentError `projection.incomplete` when events are in neither.
 */
export function neededSegments(
  segments: Segment[],
  live: Checkpoint,
  stream: { identity: string; firstSequence: number },
  snapshots: ReadonlyMap<number, number>,
  base: { epoch: number; sequence: number } = { epoch: 1, sequence: 0 },
): Segment[] {
  if (live.streamIdentity !== null && live.streamIdentity !== stream.identity) {
    throw new PermanentError(
      'projection.incomplete',
      'The stream was made anew, and the projector has not taken note of it yet.',
    );
  }
  const needed = segments.filter(
    ({ epoch, firstSequence }) =>
      (epoch > base.epoch || (epoch === base.epoch && firstSequence > base.sequence)) &&
      (epoch < live.epoch || firstSequence < stream.firstSequence),
  );
  for (let epoch = base.epoch; epoch <= live.epoch; epoch += 1) {
    const last = epoch === live.epoch ? stream.firstSequence - 1 : (snapshots.get(epoch) ?? 0);
    const gap = firstGap(
      needed.filter((segment) => segment.epoch === epoch),
      epoch === base.epoch ? base.sequence + 1 : 1,
      last,
    );
    if (gap) {
      throw new PermanentError(
        'projection.incomplete',
        `Events ${gap} of epoch ${epoch} are neither in the stream nor in the archive.`,
      );
    }
  }
  return needed;
}

/**
 * @param first sequence that they have to begin with.
 * @param last sequence that they have to reach.
 */
function firstGap(segments: Segment[], first: number, last: number): string | null {
  let next = first;
  for (const { firstSequence, lastSequence } of segments) {
    if (firstSequence > next) return `${next} to ${firstSequence - 1}`;
    next = lastSequence + 1;
  }
  return next <= last ? `${next} to ${last}` : null;
}
