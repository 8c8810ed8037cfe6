import type { ArtifactStore } from '@sluice/artifacts';
import { currentStream, type Bus } from '@sluice/broker';
import { readEventLog, type LoggedMessage } from '@sluice/delivery';
import type { Logger } from '@sluice/runtime';
import { setTimeout as pause } from 'node:timers/promises';
import { applyEvent, isAboutStanding } from './apply-event.ts';
import { loadStandings } from './load-standings.ts';
import type { Position } from './snapshot.ts';
import { StandingIndex } from './standing-index.ts';

/** The index that counts now, and how far it has followed the events. */
export interface Standings {
  index: StandingIndex;
  /** Null before the index was ever filled. */
  position: Position | null;
  /** When it was last known to have all events. */
  currentAt: Date | null;
}

export interface Following {
  bus: Bus;
  artifacts: ArtifactStore;
  log: Logger;
  /** Called when another index takes the place of the one before. */
  onReplaced: () => void;
}

/** Events in a batch at most: a second's worth at the pipeline's full speed. */
const batchMax = 1_000;
const againMs = 1_000;
/** How often a reader that hears nothing makes sure that there is nothing to hear, and that the stream is the same. */
const lookMs = 2_000;

/**
 * Follows the events until the signal aborts. A stream that is not the one before, or that has lost what comes after the
 * position, has the index made anew from the aggregator's own state; until then the old one counts.
 */
export async function followStandings(
  standings: Standings,
  following: Following,
  signal: AbortSignal,
): Promise<void> {
  let known = '';
  while (!signal.aborted) {
    try {
      await catchUp(standings, following);
      await follow(standings, following, signal);
      known = '';
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!signal.aborted && text !== known)
        following.log.warn(
          { err: error },
          'the gate cannot follow the events now; what it knows goes on counting',
        );
      known = text;
    }
    await pause(againMs, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** Makes the index anew where the events since its position are not to be had. */
async function catchUp(standings: Standings, { bus, artifacts, log, onReplaced }: Following): Promise<void> {
  const stream = await currentStream(bus);
  if (standings.position && canGoOn(standings.position, stream)) return;
  const index = new StandingIndex();
  await loadStandings(index, bus, artifacts);
  standings.index = index;
  standings.position = { identity: stream.identity, sequence: stream.lastSequence };
  standings.currentAt = new Date();
  log.info({ size: index.size, position: standings.position }, 'the gate has learned how everything stands');
  onReplaced();
}

type StreamState = Awaited<ReturnType<typeof currentStream>>;

function canGoOn({ identity, sequence }: Position, stream: StreamState): boolean {
  const isSame = stream.identity === identity && stream.lastSequence >= sequence;
  return isSame && stream.firstSequence <= sequence + 1;
}

/**
 * Applies an event. One that cannot be read may have taken an approval back: then all is learned anew from the aggregator.
 * @throws PoisonError.
 */
function apply(
  standings: Standings,
  { sequence, subject, payload }: Pick<LoggedMessage, 'sequence' | 'subject' | 'payload'>,
  log: Logger,
): void {
  try {
    applyEvent(standings.index, payload);
  } catch (error) {
    log.error({ err: error, sequence, subject }, 'the gate cannot read an event, and learns all anew');
    standings.position = null;
    throw error;
  }
}

async function follow(standings: Standings, { bus, log }: Following, signal: AbortSignal): Promise<void> {
  const changed = new AbortController();
  const either = AbortSignal.any([signal, changed.signal]);
  const looking = look(standings, bus, either, () => changed.abort());
  const position = standings.position!;
  try {
    await readEventLog(
      bus,
      { fromSequence: position.sequence + 1, batchMax, signal: either },
      async (batch) => {
        for (const { sequence, subject, payload } of batch) {
          if (isAboutStanding(subject)) apply(standings, { sequence, subject, payload }, log);
          position.sequence = sequence;
        }
      },
    );
  } finally {
    changed.abort();
    await looking;
  }
}

/** Notes when the index has all events, and tells when the stream is another one. */
async function look(
  standings: Standings,
  bus: Bus,
  signal: AbortSignal,
  onChanged: () => void,
): Promise<void> {
  while (!signal.aborted) {
    const stream = await currentStream(bus).catch(() => null);
    const { position } = standings;
    if (position === null) return;
    if (stream && !canGoOn(position, { ...stream, firstSequence: 0 })) return onChanged();
    if (stream && position.sequence >= stream.lastSequence) standings.currentAt = new Date();
    await pause(lookMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
