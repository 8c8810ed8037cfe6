import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { SetupError, processIdentity } from '@sluice/servers';
import type { StateFolder } from './state-folder.ts';

/** A running stack as commands see it. Holds secrets of both servers: the file is for its owner only. */
export interface RunInfo {
  pid: number;
  /** See `processIdentity`. */
  identity: string;
  startedAt: string;
  state: 'starting' | 'ready';
  split: boolean;
  apiUrl: string;
  /** Where package managers install from; absent from runs of an earlier version. */
  gateUrl?: string;
  /** Key that this machine's user shows to the API; null where the API asks for none. */
  apiKey: string | null;
  natsUrl: string;
  /** Token that clients of NATS show; null when that NATS asks for none. */
  natsToken: string | null;
  /** Folder with the seeds that clients of NATS show, by user; null when that NATS knows none of them. */
  natsKeysFolder: string | null;
  /** As a role that may do everything. */
  databaseUrl: string;
  /** Folder with an address for each service, `<service>.url`; null for a Postgres where one is for all. */
  databaseUrlsFolder: string | null;
  artifactsFolder: string;
  spansFolder: string;
  /** Log file by part. */
  logs: Record<string, string>;
  /** Address of /livez, /readyz and /metrics by service; only where each service is a process of its own. */
  health: Record<string, string>;
}

/** The stack that runs in this folder, or null. */
export async function readRunning(state: StateFolder): Promise<RunInfo | null> {
  const info = await read(state);
  return info !== null && (await processIdentity(info.pid)) === info.identity ? info : null;
}

/**
 * Takes the folder for this process.
 * @throws SetupError saying where the other one is when a stack runs here already.
 */
export async function claimFolder(state: StateFolder, info: RunInfo): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      await writeFile(state.runFile, JSON.stringify(info, null, 2), { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const running = await readRunning(state);
    if (running !== null) throw alreadyRunning(state, running);
    // Left by a killed launcher.
    await rm(state.runFile, { force: true });
  }
  throw new SetupError(
    `Another start in ${state.path} was faster.`,
    'Look at what it says, or use another folder with --state.',
  );
}

export async function publishRunning(state: StateFolder, info: RunInfo): Promise<void> {
  await writeFile(`${state.runFile}.new`, JSON.stringify(info, null, 2), { mode: 0o600 });
  await rename(`${state.runFile}.new`, state.runFile);
}

export async function releaseFolder(state: StateFolder): Promise<void> {
  await rm(state.runFile, { force: true });
}

function alreadyRunning(state: StateFolder, { pid, apiUrl, state: phase }: RunInfo): SetupError {
  const where = phase === 'ready' ? `its API is ${apiUrl}` : 'it is still starting';
  return new SetupError(
    `Sluice runs in ${state.path} already (process ${pid}); ${where}.`,
    `Stop it with Ctrl-C there or \`kill ${pid}\`, or start another one with --state <folder>.`,
  );
}

async function read(state: StateFolder): Promise<RunInfo | null> {
  try {
    return JSON.parse(await readFile(state.runFile, 'utf8')) as RunInfo;
  } catch {
    return null;
  }
}
