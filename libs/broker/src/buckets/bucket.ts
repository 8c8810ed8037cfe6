import { setTimeout as delay } from 'node:timers/promises';
import { RequestError } from '@nats-io/transport-node';
import { Kvm, type KV } from '@nats-io/kv';
import type { Bus } from '../connection/connection.ts';
import { placementOf } from '../streams/stream-configs.ts';

/** Nodes of a cluster take up to some seconds to choose the leader of a bucket. */
const readableMaxMs = 5_000;
const readableEveryMs = 100;

/** A key-value bucket at the broker that outlives the loss of the broker's data, empty. */
export interface Bucket {
  /** Works on the bucket; when that fails the bucket is opened again, or made anew, and the work tried once more. */
  use<Result>(work: (bucket: KV) => Promise<Result>): Promise<Result>;
}

/**
 * Opens a bucket. A maker makes it when there is none, with as many copies as the streams; for another client the first
 * work on it fails until there is one.
 */
export async function openBucket(bus: Bus, name: BucketName): Promise<Bucket> {
  const { replicas } = bus.limits;
  const manager = new Kvm(bus.js);
  const ttl = bucketKeptMs[name] ?? 0;
  const open = () =>
    bus.isMaker
      ? manager.create(name, { ttl, ...placementOf(bus.limits), replicas, history: 1 })
      : manager.open(name, { allow_direct: true });
  let bucket = await open();
  return {
    async use(work) {
      try {
        return await work(bucket);
      } catch {
        bucket = await open();
        return untilReadable(() => work(bucket));
      }
    },
  };
}

/** The copies of a bucket that was just made do not answer reads at once. */
async function untilReadable<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const deadline = Date.now() + readableMaxMs; ; await delay(readableEveryMs)) {
    try {
      return await work();
    } catch (error) {
      const isUnanswered = error instanceof RequestError && error.isNoResponders();
      if (!isUnanswered || Date.now() > deadline) throw error;
    }
  }
}

/** The buckets of Sluice. */
export const buckets = ['ATTEMPTS', 'CONTROL', 'DROPPED', 'KEYS', 'POSITIONS', 'STORE', 'WORKERS'] as const;
export type BucketName = (typeof buckets)[number];

/** An instance that has said nothing for this long is gone; it says something every third of it. */
export const workerGoneMs = 30_000;

/** How long a bucket keeps what is written to it, in milliseconds; for ever unless it is here. */
const bucketKeptMs: Partial<Record<BucketName, number>> = {
  // Long past any redelivery: a message that waits out an outage is delivered again within minutes.
  ATTEMPTS: 7 * 86_400_000,
  // Longer than any queue lasts.
  DROPPED: 24 * 3_600_000,
  WORKERS: workerGoneMs,
};

/** The stream that a bucket is kept in. */
export const bucketStream = (name: string): string => `KV_${name}`;

/** The subject of a bucket's key. */
export const bucketSubject = (name: string, key: string): string => `$KV.${name}.${key}`;

/**
 * All keys of a bucket. The client's own list of them is a consumer, for whose messages it waits for ever when the
 * broker comes back without its data.
 */
export async function bucketKeys(bus: Bus, name: string): Promise<string[]> {
  const { state } = await bus.jsm.streams.info(bucketStream(name), {
    subjects_filter: bucketSubject(name, '>'),
  });
  const prefix = bucketSubject(name, '').length;
  return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix));
}
