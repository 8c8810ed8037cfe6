import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endProcess } from './child-records.ts';
import { commandLine, processIdentity } from './process-identity.ts';

export interface PostmasterStatus {
  pid: number;
  ready: boolean;
}

/** Reads `postmaster.pid` (one field a line: the process id first, the state eighth); null when there is none. */
export async function postmasterStatus(dataFolder: string): Promise<PostmasterStatus | null> {
  const text = await readFile(join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : null;
}

const STOP_MS = 20_000;

/**
 * Cleans up after a killed launcher or a crash: a server that still runs on this data is stopped (its clients
 * are gone), and a lock file whose process id now belongs to some other program is removed, because Postgres would
 * refuse to start over it.
 * @returns true when a running server had to be stopped.
 */
export async function clearPostmasterLock(dataFolder: string): Promise<boolean> {
  const status = await postmasterStatus(dataFolder);
  if (status === null) return false;
  const identity = await processIdentity(status.pid);
  const isOurs = identity !== null && (await commandLine(status.pid)).includes(dataFolder);
  // SIGINT is Postgres' fast shutdown: open transactions are rolled back, nothing waits for clients.
  if (isOurs) await endProcess({ pid: status.pid, identity }, STOP_MS, 'SIGINT');
  await rm(join(dataFolder, 'postmaster.pid'), { force: true });
  return isOurs;
}
