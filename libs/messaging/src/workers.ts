import type { Lane, StageName } from '@sluice/contracts';
import { softwareVersion } from '@sluice/runtime';
import { Kvm, type KV } from '@nats-io/kv';
import type { Bus } from './connection.ts';
import type { OutageState } from './outage-gate.ts';
import type { StageState } from './stage-gate.ts';

/** What a running instance says of itself. */
export interface WorkerState {
  service: string;
  instance: string;
  /** The stage that it runs; null for services that run none. */
  stage: StageName | null;
  /** Of the software. */
  version: string;
  startedAt: string;
  /** When it last said so. */
  lastSeenAt: string;
  /** `paused` by somebody or while it waits for an upstream; see `detail`. */
  state: StageState;
  /** Slots in all; null where there are none. */
  concurrency: number | null;
  /** What it is working on, longest first. */
  running: { purl: string; assessmentId: string; attempt: number; since: string; lane: Lane }[];
  /** How much it is working on, in each lane; the list above is cut off. */
  inWork: Record<Lane, number>;
  /** Why it is paused or drained, and what else it waits for. */
  detail: string | null;
  /** The hosts that it found out of order. */
  circuits: OutageState[];
  /** The hosts that its messages needed. */
  upstreams: string[];
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
  describe: () => Omit<WorkerState, 'instance' | 'version' | 'lastSeenAt'>,
): Promise<{ changed: () => void; stop: () => Promise<void> }> {
  let bucket: KV = await openBucket(bus);
  const announce = async () => {
    const state: WorkerState = {
      ...describe(),
      instance: bus.instance,
      version: softwareVersion,
      lastSeenAt: new Date().toISOString(),
    };
    const put = () => bucket.put(keyOf(state), JSON.stringify(state));
    // A broker that lost its data has no bucket either; one that is away hears of us the next time.
    await put()
      .catch(async () => {
        bucket = await openBucket(bus);
        await put();
      })
      .catch(() => {});
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

/** Says that an instance lives which runs no stage. See `announceWorker`. */
export function announceService(bus: Bus, service: string): ReturnType<typeof announceWorker> {
  const startedAt = new Date().toISOString();
  return announceWorker(bus, () => ({
    service,
    stage: null,
    startedAt,
    state: 'working',
    concurrency: null,
    running: [],
    inWork: { interactive: 0, bulk: 0 },
    detail: null,
    circuits: [],
    upstreams: [],
  }));
}

/** What an instance of an older version does not say of itself. */
const unsaid = { stage: null, version: 'unknown', circuits: [], upstreams: [], detail: null };

/** Every instance that lives, by service and name. */
export async function listWorkers(bus: Bus): Promise<WorkerState[]> {
  const bucket = await openBucket(bus);
  const workers: WorkerState[] = [];
  for await (const key of await bucket.keys()) {
    const entry = await bucket.get(key);
    if (entry?.operation === 'PUT') workers.push({ ...unsaid, ...entry.json<WorkerState>() });
  }
  return workers.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
