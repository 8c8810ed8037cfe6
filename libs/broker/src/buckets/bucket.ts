import { setTimeout as delay } from 'node:timers/promises';
import { RequestError } from '@nats-io/transport-node';
import { Kvm, type KV, type KvOptions } from '@nats-io/kv';
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

/** Opens a bucket, and makes it when there is none, with as many copies as the streams. */
export async function openBucket(
  bus: Bus,
  name: (typeof buckets)[number],
  options: Partial<Pick<KvOptions, 'ttl'>> = {},
): Promise<Bucket> {
  const { replicas } = bus.limits;
  const open = () =>
    new Kvm(bus.js).create(name, { ...options, ...placementOf(bus.limits), replicas, history: 1 });
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
