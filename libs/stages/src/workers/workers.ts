import type { Lane, StageName } from '@sluice/contracts';
import { repeat, softwareVersion, type Logger, type ServiceContext } from '@sluice/runtime';
import { bucketKeys, openBucket, workerGoneMs, type Bus } from '@sluice/broker';
import type { OutageState } from '@sluice/delivery';
import type { Work } from '../stage/stage-run.ts';
import type { StageState } from '../gate/stage-gate.ts';

/** A running instance's report of itself. */
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
  /** `paused` by an operator or while it waits for an upstream; see `detail`. */
  state: StageState;
  /** Slots in all; null where there are none. */
  concurrency: number | null;
  /** Package versions in work, longest first. */
  running: Work[];
  /** How much it is working on, in each lane; the list above is cut off. */
  inWork: Record<Lane, number>;
  /** Why it is paused or drained, and further systems that it waits for. */
  detail: string | null;
  /** The hosts that it found out of order. */
  circuits: OutageState[];
  /** The hosts that its messages needed. */
  upstreams: string[];
}

/** The list of running work is for people; this many are enough. */
export const runningListed = 20;
/** Shortest time between reports of changes. */
const changeMs = 1_000;
const bucketName = 'WORKERS';

const keyOf = ({ service, instance }: { service: string; instance: string }) =>
  `${service}.${instance.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`;

/**
 * Says every ten seconds, and soon after a change, that this instance lives and its state, until it is stopped. Best
 * effort: a broker that is away hears of it again when it is back.
 */
export async function announceWorker(
  bus: Bus,
  log: Logger,
  describe: () => Omit<WorkerState, 'instance' | 'version' | 'lastSeenAt'>,
): Promise<{ changed: () => void; stop: () => Promise<void> }> {
  const bucket = await openBucket(bus, bucketName);
  const announce = async () => {
    const state: WorkerState = {
      ...describe(),
      instance: bus.instance,
      version: softwareVersion,
      lastSeenAt: new Date().toISOString(),
    };
    await bucket.use((opened) => opened.put(keyOf(state), JSON.stringify(state)));
  };
  await announce().catch(() => {});
  const everyMs = workerGoneMs / 3;
  const end = repeat({ log }, { name: 'announcing the instance', everyMs, firstMs: everyMs, run: announce });
  let soon: NodeJS.Timeout | undefined;
  return {
    changed() {
      soon ??= setTimeout(() => {
        soon = undefined;
        void announce().catch(() => {});
      }, changeMs);
    },
    async stop() {
      clearTimeout(soon);
      await end();
      if (bus.nc.isClosed()) return;
      const key = keyOf({ service: describe().service, instance: bus.instance });
      await bucket.use((opened) => opened.delete(key)).catch(() => {});
    },
  };
}

/** Says that an instance lives which runs no stage, until its service stops. See `announceWorker`. */
export async function announceService(
  bus: Bus,
  { name, log, onStop }: Pick<ServiceContext<unknown>, 'name' | 'log' | 'onStop'>,
): Promise<void> {
  const startedAt = new Date().toISOString();
  const worker = await announceWorker(bus, log, () => ({
    service: name,
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
  onStop('worker', () => worker.stop());
}

/** Fields that an instance of an older version does not report. */
const unsaid = { stage: null, version: 'unknown', circuits: [], upstreams: [], detail: null };

function stateOf(said: WorkerState): WorkerState {
  const running = said.running.map((work) => ({ ...work, bytes: (work as Partial<Work>).bytes ?? null }));
  return { ...unsaid, ...said, running };
}

/** Every instance that lives, by service and name. */
export async function listWorkers(bus: Bus): Promise<WorkerState[]> {
  const bucket = await openBucket(bus, bucketName);
  const keys = await bucketKeys(bus, bucketName);
  const entries = await bucket.use((opened) => Promise.all(keys.map((key) => opened.get(key))));
  return entries
    .flatMap((entry) => (entry?.operation === 'PUT' ? [stateOf(entry.json<WorkerState>())] : []))
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
