import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError, postgresFolder } from '@sluice/servers';

/** Default place of data and logs. */
export const defaultStateFolder = fileURLToPath(new URL('../../../.sluice', import.meta.url));

/** Paths of everything that the stack of one folder keeps. */
export interface StateFolder {
  path: string;
  logs: string;
  nats: string;
  postgres: string;
  artifacts: string;
  spans: string;
  /** The gate's snapshot of what is approved. */
  gate: string;
  /** Who runs here, and where; see `run-file.ts`. */
  runFile: string;
  /** Addresses and passwords of the database's users; see `prepareDatabase`. */
  databaseUsers: string;
  /** Seeds of the broker's users; see `keepNatsKeys`. */
  natsKeys: string;
  /** Holds the key that this machine's user shows to the API; see `ownSecret`. */
  apiKeyFile: string;
  /** Holds what secrets of webhooks are made of; see `own-secret.ts`. */
  hookKeyFile: string;
  /** Holds the key that secrets of webhooks are sealed with. */
  secretsKeyFile: string;
  /** Holds the keys that decisions are signed with, as PEM; another one in front of them replaces the first. */
  signingKeysFile: string;
  /** Clones of projects while they are read. */
  clones: string;
  /** Holds the credentials of npm's registries; see `npm-settings.ts`. */
  npmCredentialsFile: string;
  /** The port that the API last listened at. */
  apiPortFile: string;
  /** The port that the gate last listened at. */
  gatePortFile: string;
  /** Started processes; see `childRecords`. */
  childrenFile: string;
  logFile(name: string): string;
}

export function stateFolder(path: string): StateFolder {
  const base = resolve(path);
  const logs = join(base, 'logs');
  return {
    path: base,
    logs,
    nats: join(base, 'nats'),
    postgres: join(base, 'postgres'),
    artifacts: join(base, 'artifacts'),
    spans: join(base, 'spans'),
    gate: join(base, 'gate'),
    runFile: join(base, 'run.json'),
    databaseUsers: join(base, 'database-users'),
    natsKeys: join(base, 'nats-keys'),
    apiKeyFile: join(base, 'api-key'),
    hookKeyFile: join(base, 'hook-key'),
    secretsKeyFile: join(base, 'secrets-key'),
    signingKeysFile: join(base, 'signing-keys.pem'),
    clones: join(base, 'clones'),
    npmCredentialsFile: join(base, 'npm-credentials'),
    apiPortFile: join(base, 'api-port'),
    gatePortFile: join(base, 'gate-port'),
    childrenFile: join(base, 'children.json'),
    logFile: (name) => join(logs, `${name}.log`),
  };
}

/**
 * Makes the folders, for their owner only.
 * @param options.isEntered Postgres runs in it as a user of its own, who has to pass through: others may do that too,
 * and list or read nothing.
 * @throws SetupError when there can be no such folder.
 */
export async function createStateFolder(
  state: StateFolder,
  options: { isEntered?: boolean } = {},
): Promise<void> {
  try {
    const isMade = await makeFolder(state.path);
    // A chosen folder that was there before, such as /tmp, is not ours to close.
    if (isMade || basename(state.path) === basename(defaultStateFolder))
      await chmod(state.path, options.isEntered ? 0o711 : 0o700);
    for (const folder of [state.logs, state.artifacts, state.spans]) {
      await makeFolder(folder);
      await chmod(folder, 0o700);
    }
  } catch (error) {
    const { code = String(error), path = state.path } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file is in its place' : code;
    throw new SetupError(
      `The folder ${path} cannot be made or used (${why}).`,
      'Name one that you may write with --state <folder>.',
      { cause: error },
    );
  }
}

/**
 * Level by level: `mkdir` with `recursive` never returns where the system answers ENOENT for a folder that is there, as
 * in /proc.
 * @returns whether it was not there before.
 */
async function makeFolder(folder: string): Promise<boolean> {
  if (await isFolder(folder)) return false;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    // Another start may have been faster; a file of that name is no folder.
    if (!(await isFolder(folder))) throw error;
  }
  return true;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

/** Removes all data, wherever it is; programs that were downloaded and the logs stay. */
export async function clearData(state: StateFolder): Promise<void> {
  const folders = [
    state.nats,
    state.postgres,
    await postgresFolder(state.postgres),
    state.artifacts,
    state.spans,
    state.gate,
  ];
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}

// One old log of this size is kept beside the current one.
const LOG_BYTES_MAX = 20 * 1024 * 1024;

/** Puts a log that has grown large aside; done at start, before any process writes to it. */
export async function rotateLog(file: string): Promise<void> {
  const stats = await stat(file).catch(() => null);
  if (stats !== null && stats.size > LOG_BYTES_MAX) await rename(file, `${file}.1`);
}
