import type { Lane, StageName } from '@sluice/contracts';
import { softwareVersion } from '@sluice/runtime';
import { Kvm } from '@nats-io/kv';
import type { Bus } from './connection.ts';

/** What a running instance says of itself. */
export interface WorkerState {
  service: string;
  instance: string;
  startedAt: string;
  /** When it last said so. */
  lastSeenAt: string;
  /** `paused` while it waits for an upstream. */
  state: 'working' | 'paused' | 'stopping';
  /** Slots in all. */
  concurrency: number;
  /** What it is working on, longest first. */
  running: { purl: string; assessmentId: string; attempt: number; since: string; lane: Lane }[];
  /** How much it is working on, in each lane; the list above is cut off. */
  inWork: Record<Lane, number>;
  /** Why it is paused. */
  detail: string | null;
}

/** An instance that has said nothing for this long is gone; it says something every third of it. */
export const workerGoneMs = 30_000;
/** A list of what is running is for looking at; more than this nobody reads. */
export const runningListed = 20;
/** How soon a change is said, at most; what changes a hundred times a second is said once. */
const changeMs = 1_000;
const bucketName = 'WORKERS';

async function openBucket(bus: Bus) {
  return new Kvm(bus.js).create(bucketName, { ttl: workerGoneMs, history: 1 });
}

const keyOf = ({ service, instance }: { service: string; instance: string }) =>
  `${service}.${instance.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`;

/**
 * Says every ten seconds, and soon after a change, that this instance lives and what it does, until it is stopped. Best
 * effort: a broker that is away hears of it again when it is back.
 */
export async function announceWorker(
  bus: Bus,
  describe: () => Omit<WorkerState, 'instance' | 'lastSeenAt'>,
): Promise<{ changed: () => void; stop: () => Promise<void> }> {
  const bucket = await openBucket(bus);
  const announce = async () => {
    const state: WorkerState = {
      ...describe(),
      instance: bus.instance,
      lastSeenAt: new Date().toISOString(),
    };
    await bucket.put(keyOf(state), JSON.stringify(state)).catch(() => {});
  };
  await announce();
  const timer = setInterval(() => void announce(), workerGoneMs / 3);
  let soon: NodeJS.Timeout | undefined;
  return {
    changed() {
      soon ??= setTimeout(() => {
        soon = undefined;
        void announce();
      }, changeMs);
    },
    async stop() {
      clearInterval(timer);
      clearTimeout(soon);
      if (!bus.nc.isClosed())
        await bucket.delete(keyOf({ service: describe().service, instance: bus.instance })).catch(() => {});
    },
  };
}

/** Every instance that lives, by service and name. */
export async function listWorkers(bus: Bus): Promise<WorkerState[]> {
  const bucket = await openBucket(bus);
  const workers: WorkerState[] = [];
  for await (const key of await bucket.keys()) {
    const entry = await bucket.get(key);
    if (entry?.operation === 'PUT') workers.push(JSON.parse(entry.string()) as WorkerState);
  }
  return workers.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
