import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { childRecords, postgresFolder, type ChildRecords } from '@sluice/servers';

/** Processes and files of one measurement; all end together, also when the run is interrupted. */
export interface Scratch {
  folder: string;
  /** Started processes; those still running at the end are ended. */
  records: ChildRecords;
  /** Adds something to be ended; the last one added is ended first. */
  onClose: (close: () => Promise<unknown>) => void;
  close: () => Promise<void>;
}

const open = new Set<Scratch>();

export async function openScratch(): Promise<Scratch> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-bench-'));
  // Postgres runs as another user when this runs as root, and must be able to enter.
  await chmod(folder, 0o711);
  const records = childRecords(path.join(folder, 'bench-children.json'));
  const closers: (() => Promise<unknown>)[] = [
    () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
    // Elsewhere when that user cannot enter the system's temporary folder.
    async () => rm(await postgresFolder(path.join(folder, 'postgres')), { recursive: true, force: true }),
    () => records.endLeftovers({ last: ['postgres'] }),
  ];
  let closing: Promise<void> | undefined;
  const scratch: Scratch = {
    folder,
    records,
    onClose: (close) => void closers.push(close),
    close: () => (closing ??= closeAll(closers).finally(() => open.delete(scratch))),
  };
  open.add(scratch);
  return scratch;
}

/** Gives each measurement a scratch of its own. */
export async function withScratch<T>(work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const scratch = await openScratch();
  try {
    return await work(scratch);
  } finally {
    await scratch.close();
  }
}

/** Ends everything that is open, for an interrupted run. */
export async function closeScratches(): Promise<void> {
  await Promise.allSettled([...open].map((scratch) => scratch.close()));
}

/** Goes on after a failure, so that the rest is closed. @throws the first failure, at the end. */
async function closeAll(closers: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (let close = closers.pop(); close; close = closers.pop()) {
    await close().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
