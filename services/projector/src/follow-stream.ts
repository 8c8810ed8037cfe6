import type { Decision, EventType, SluiceEvent } from '@sluice/contracts';
import { readEventLog } from '@sluice/delivery';
import { streamIdentity, type Bus } from '@sluice/broker';
import { repeat } from '@sluice/runtime';
import { applyBatch, readCheckpoint, type ApplyDeps, type Checkpoint } from './apply.ts';
import { lastArchived } from './archive/segments.ts';
import { takeSnapshot } from './archive/snapshots.ts';
import { MissedEvents } from './missed-events.ts';
import { toEntry, type StreamEntry } from './projected-event.ts';
import { lookAtStream, noteApplied, projectionMetrics } from './projection-lag.ts';

/** Events applied in one transaction, at most: large batches while catching up, smaller ones when live. */
const batchMax = 1_000;
/** Longest delay before a batch, under load: gathers a trickle of events into fewer transactions. */
const batchesApartMaxMs = 20;
/** Deferrable events: another event of the same package version or request follows soon, and readers wait for that one. */
const passing = new Set<string>([
  'request.submitted',
  'request.progressed',
  'pkg.requested',
  'pkg.licensed',
  'pkg.downloaded',
  'pkg.scanned',
  'pkg.assessed',
] satisfies EventType[]);

/** The policy decides when an assessment ends: what that means for the waiting requests is said right after. */
function isFollowedSoon({ type, data }: SluiceEvent): boolean {
  return passing.has(type) || (data as { decision?: Decision }).decision?.by.kind === 'policy';
}

/** Wait before reading again after something broke. */
const retryMs = 1_000;
/** How often to look whether the stream is still the one that is being read. */
const identityCheckMs = 5_000;
/** How often to look how far behind the read models are. */
const lagCheckMs = 5_000;

/** Follows the stream until the signal aborts, through outages, moved checkpoints and recreated streams. */
export async function followStream(bus: Bus, deps: ApplyDeps, signal: AbortSignal): Promise<void> {
  projectionMetrics.active.set(1);
  const missed = new MissedEvents(bus, deps);
  // On its own: how far behind it is matters most while following fails.
  const endWatch = repeat(deps, {
    name: 'looking at the lag',
    everyMs: lagCheckMs,
    firstMs: lagCheckMs,
    run: () => lookAtStream(bus),
  });
  try {
    while (!signal.aborted) {
      try {
        await followOnce(bus, deps, missed, signal);
      } catch (error) {
        if (signal.aborted) return;
        deps.log.warn({ err: error }, 'projection was interrupted; it goes on from its checkpoint');
      }
      await pause(retryMs, signal);
    }
  } finally {
    void endWatch();
    projectionMetrics.active.set(0);
  }
}

async function followOnce(
  bus: Bus,
  deps: ApplyDeps,
  missed: MissedEvents,
  signal: AbortSignal,
): Promise<void> {
  let checkpoint = await passGap(bus, deps, missed, await adoptStream(bus, deps));
  noteApplied(checkpoint.sequence);
  const changed = new AbortController();
  const endWatch = repeat(deps, {
    name: 'comparing the stream',
    everyMs: identityCheckMs,
    firstMs: identityCheckMs,
    run: async () => {
      const stream = await streamIdentity(bus);
      if (isAnotherStream(stream, checkpoint) || missed.areBefore(stream.firstSequence, checkpoint))
        changed.abort();
    },
  });
  try {
    const either = AbortSignal.any([signal, changed.signal]);
    await readEventLog(
      bus,
      {
        fromSequence: checkpoint.sequence + 1,
        batchMax,
        batchesApartMaxMs,
        canWait: ({ projected }: StreamEntry) => !projected || isFollowedSoon(projected.event),
        signal: either,
        toEntry: (message) => toEntry(message, checkpoint.epoch, deps.log),
      },
      async (batch) => {
        const next = batch[0]!.sequence;
        if (missed.areBefore(next, checkpoint)) await missed.fetch(next, checkpoint);
        checkpoint = await applyBatch(deps, batch, checkpoint);
        noteApplied(checkpoint.sequence);
      },
    );
  } finally {
    void endWatch();
  }
}

/** Where to go on; a stream that is not the one of the checkpoint begins a new epoch. */
async function adoptStream(bus: Bus, deps: ApplyDeps): Promise<Checkpoint> {
  const { sql, log } = deps;
  const stream = await streamIdentity(bus);
  const checkpoint = await readCheckpoint(sql);
  if (!isAnotherStream(stream, checkpoint)) return checkpoint;
  if (checkpoint.streamIdentity !== null) {
    const snapshot = await closeEpoch(deps, checkpoint);
    log.error(
      { was: checkpoint, is: stream, snapshot },
      'the event stream was recreated; projecting it as a new epoch',
    );
  }
  const next = { streamIdentity: stream.identity, epoch: checkpoint.epoch + 1, sequence: 0 };
  await sql`
    update checkpoint set stream_identity = ${next.streamIdentity}, epoch = ${next.epoch}, sequence = 0, updated_at = now()
    where epoch = ${checkpoint.epoch} and sequence = ${checkpoint.sequence}`;
  return readCheckpoint(sql);
}

/**
 * Events of a lost stream that were not archived come again in part, in another order and beside newer ones: a
 * snapshot of the read models stands for them.
 * @returns its digest; null when the archive has all events up to the checkpoint.
 */
async function closeEpoch(
  { sql, artifacts }: ApplyDeps,
  { epoch, sequence }: Checkpoint,
): Promise<string | null> {
  if ((await lastArchived(sql, epoch)) >= sequence) return null;
  return (await takeSnapshot(sql, artifacts)).digest;
}

/** Moves the checkpoint behind removed events once they are published again; also when no other event comes that would show the gap. */
async function passGap(
  bus: Bus,
  { sql }: ApplyDeps,
  missed: MissedEvents,
  checkpoint: Checkpoint,
): Promise<Checkpoint> {
  const { firstSequence } = await streamIdentity(bus);
  if (!missed.areBefore(firstSequence, checkpoint)) return checkpoint;
  await missed.fetch(firstSequence, checkpoint);
  await sql`
    update checkpoint set sequence = ${firstSequence - 1}, updated_at = now()
    where epoch = ${checkpoint.epoch} and sequence = ${checkpoint.sequence}`;
  return readCheckpoint(sql);
}

/** A stream that ends before the checkpoint was restored from an older copy. */
function isAnotherStream(
  stream: { identity: string; lastSequence: number },
  checkpoint: Checkpoint,
): boolean {
  return stream.identity !== checkpoint.streamIdentity || stream.lastSequence < checkpoint.sequence;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}
