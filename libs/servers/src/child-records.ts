import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { processIdentity } from './process-identity.ts';

export interface ChildRecord {
  name: string;
  pid: number;
  /** See `processIdentity`: keeps a recycled process id from being taken for ours. */
  identity: string;
  /** The signal that asks it to stop. */
  stopSignal: NodeJS.Signals;
}

/** Remembers started processes in a file, so that the next start can end those of a killed launcher. */
export interface ChildRecords {
  add(name: string, pid: number, stopSignal?: NodeJS.Signals): Promise<void>;
  remove(pid: number): Promise<void>;
  /** Those of the recorded processes that still run. */
  alive(): Promise<ChildRecord[]>;
  /** Ends processes that still run, with their stop signal and after `graceMs` with SIGKILL. @returns those it ended. */
  endLeftovers(options?: EndLeftoversOptions): Promise<ChildRecord[]>;
}

export interface EndLeftoversOptions {
  graceMs?: number;
  /** Names of those that the others need in order to end quickly; they are ended after them. */
  last?: readonly string[];
}

const POLL_MS = 20;

export function childRecords(file: string): ChildRecords {
  // Changes are queued: children start side by side and each change rewrites the file.
  let queue: Promise<unknown> = Promise.resolve();
  const enqueue = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work, work);
    queue = result.catch(() => undefined);
    return result;
  };
  const change = (edit: (records: ChildRecord[]) => ChildRecord[]) =>
    enqueue(async () => await write(file, edit(await read(file))));

  const alive = async (): Promise<ChildRecord[]> => {
    const records = await enqueue(() => read(file));
    const identities = await Promise.all(records.map(({ pid }) => processIdentity(pid)));
    return records.filter((record, index) => identities[index] === record.identity);
  };

  return {
    async add(name, pid, stopSignal = 'SIGTERM') {
      const identity = await processIdentity(pid);
      if (identity !== null) await change((records) => [...records, { name, pid, identity, stopSignal }]);
    },
    remove: (pid) => change((records) => records.filter((record) => record.pid !== pid)),
    alive,
    async endLeftovers({ graceMs = 10_000, last = [] } = {}) {
      const leftovers = await alive();
      for (const isLast of [false, true]) {
        const now = leftovers.filter(({ name }) => last.includes(name) === isLast);
        await Promise.all(now.map((record) => endProcess(record, graceMs, record.stopSignal)));
      }
      await enqueue(() => rm(file, { force: true }));
      return leftovers;
    },
  };
}

/** Ends one process that is not our child: SIGTERM, then SIGKILL when it still runs after `graceMs`. */
export async function endProcess(
  { pid, identity }: Pick<ChildRecord, 'pid' | 'identity'>,
  graceMs: number,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  const isRunning = async () => (await processIdentity(pid)) === identity;
  for (const attempt of [signal, 'SIGKILL'] as const) {
    if (!(await isRunning())) return;
    process.kill(pid, attempt);
    const deadline = Date.now() + graceMs;
    while (Date.now() < deadline && (await isRunning())) await delay(POLL_MS);
  }
}

async function read(file: string): Promise<ChildRecord[]> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(parsed) ? (parsed as ChildRecord[]) : [];
  } catch {
    // No file yet, or one that a crash cut short: nothing is known to be left.
    return [];
  }
}

async function write(file: string, records: ChildRecord[]): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(records), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
