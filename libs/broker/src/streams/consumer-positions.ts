import { isDeepStrictEqual } from 'node:util';
import { openBucket } from '../buckets/bucket.ts';
import type { Bus } from '../connection/connection.ts';

/** By durable consumer of the event stream, the sequence up to which it has settled everything that is for it. */
export type Positions = Record<string, number>;

const bucketName = 'POSITIONS';

/**
 * Where the durable consumers of a stream stand, as the broker has it.
 * @returns also those that have something to do, by name.
 */
export async function currentPositions(
  bus: Bus,
  stream: string,
): Promise<{ positions: Positions; busy: string[] }> {
  const positions: Positions = {};
  const busy: string[] = [];
  for await (const info of bus.jsm.consumers.list(stream)) {
    const durable = info.config.durable_name;
    if (!durable) continue;
    const isIdle = info.num_pending === 0 && info.num_ack_pending === 0;
    positions[durable] = isIdle ? info.delivered.stream_seq : info.ack_floor.stream_seq;
    if (!isIdle) busy.push(durable);
  }
  return { positions, busy };
}

/** The stream that positions are of. */
interface Stream {
  identity: string;
  lastSequence: number;
}

/**
 * Keeps positions, so that a consumer that was deleted while its service was away goes on where it was. One that
 * is gone keeps the position that it had.
 */
export async function keepPositions(bus: Bus, stream: Stream, positions: Positions): Promise<void> {
  const kept = await readPositions(bus, stream);
  const next = { ...kept, ...positions };
  if (isDeepStrictEqual(next, kept)) return;
  const bucket = await openBucket(bus, bucketName);
  const { identity } = stream;
  await bucket.use((opened) => opened.put('settled', JSON.stringify({ identity, positions: next })));
}

/**
 * @returns the kept positions; none when they are of another stream, or were lost. A position beyond the stream's end is
 * left out: the stream was restored from an older copy, and messages that are published there now are not settled.
 */
export async function readPositions(bus: Bus, { identity, lastSequence }: Stream): Promise<Positions> {
  const bucket = await openBucket(bus, bucketName);
  const entry = await bucket.use((opened) => opened.get('settled'));
  const kept = entry?.json<{ identity: string; positions: Positions }>();
  if (kept?.identity !== identity) return {};
  return Object.fromEntries(
    Object.entries(kept.positions).filter(([, sequence]) => sequence <= lastSequence),
  );
}
