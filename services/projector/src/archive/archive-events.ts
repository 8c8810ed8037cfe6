import { readEventLogUpTo, type LoggedMessage } from '@sluice/delivery';
import { streamIdentity, type Bus } from '@sluice/broker';
import { setTimeout as delay } from 'node:timers/promises';
import { readCheckpoint, type ApplyDeps } from '../apply.ts';
import { lastArchived, writeSegment } from './segments.ts';
import { takeSnapshot } from './snapshots.ts';

/** Messages of a segment, and characters of their text, at most: a rebuild holds one segment in memory. */
const segmentMax = { messages: 10_000, length: 32 * 1024 * 1024 };
/** First a minute after the start, so that short runs archive too; then seldom: small segments are slow to read. */
const firstMs = 60_000;
const everyMs = 600_000;

/**
 * Keeps the archive of the event stream up to date until the signal aborts. The stream drops events that are too old or more than
 * it may hold; read models are rebuilt from the archive.
 */
export async function keepArchive(bus: Bus, deps: ApplyDeps, signal: AbortSignal): Promise<void> {
  for (let waitMs = firstMs; await isOver(waitMs, signal); waitMs = everyMs) {
    try {
      const archived = await archiveEvents(bus, deps, signal);
      if (archived > 0) deps.log.info({ archived }, 'events were archived');
    } catch (error) {
      if (!signal.aborted) deps.log.error({ err: error }, 'events cannot be archived; it is tried again');
    }
  }
}

/** @returns false when the signal aborted before. */
function isOver(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal, ref: false }).catch(() => false);
}

/**
 * Archives the messages up to the projector's checkpoint that are not archived yet.
 * @returns the number of messages archived.
 */
export async function archiveEvents(
  bus: Bus,
  { sql, artifacts, log }: ApplyDeps,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  const { epoch, sequence, streamIdentity: identity } = await readCheckpoint(sql);
  const stream = await streamIdentity(bus);
  // The projector is about to notice that the stream is another one.
  if (stream.identity !== identity) return 0;
  const last = await lastArchived(sql, epoch);
  // Events after the checkpoint are the projector's to miss.
  const from = Math.max(last + 1, Math.min(stream.firstSequence, sequence + 1));
  if (from > last + 1) {
    // The read models have seen them, unless these were removed before they were read, which the projector notices.
    const snapshot = await takeSnapshot(sql, artifacts);
    log.error(
      { from: last + 1, to: from - 1, snapshot: snapshot.digest },
      'the stream lost events that were not archived yet; a snapshot of the read models stands for them',
    );
    return 0;
  }
  let archived = 0;
  let firstSequence = from;
  let gathered: LoggedMessage[] = [];
  let length = 0;
  const overtaken = new AbortController();
  const save = async (lastSequence: number) => {
    const covers = { epoch, firstSequence, lastSequence };
    // Another archiver was faster, and its segment may end elsewhere: going on would leave a gap or an overlap.
    if (!(await writeSegment({ sql, artifacts }, covers, gathered))) return overtaken.abort();
    archived += gathered.length;
    firstSequence = lastSequence + 1;
    gathered = [];
    length = 0;
  };
  const either = AbortSignal.any([signal, overtaken.signal]);
  const range = { fromSequence: from, toSequence: sequence, batchMax: segmentMax.messages, signal: either };
  await readEventLogUpTo(bus, range, async (batch) => {
    for (const message of batch) {
      if (either.aborted) return;
      gathered.push(message);
      length += message.payload.length;
      if (gathered.length >= segmentMax.messages || length >= segmentMax.length) await save(message.sequence);
    }
  });
  if (!either.aborted && firstSequence <= sequence) await save(sequence);
  return archived;
}
