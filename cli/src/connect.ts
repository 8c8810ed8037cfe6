import { readFile } from 'node:fs/promises';
import {
  attachOrStart,
  defaultStateFolder,
  findRunning,
  stateFolder,
  type RunInfo,
} from '@sluice/embedded/attach';
import { isLoopbackHost } from '@sluice/runtime/allowed-hosts';
import { SetupError } from '@sluice/servers';
import { ApiClient } from './api-client.ts';
import { findCredential } from './credentials.ts';
import { CommandError, exitCodes } from './exit-codes.ts';

export interface ServerOptions {
  /** Base URL of a gateway; the stack of this folder when not given. */
  server?: string | undefined;
}

/** Reports progress on stderr; stdout is for results. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * The key for a gateway that was named: SLUICE_KEY, this machine's own for the stack that runs in this folder, or the token of
 * `sluice login` there. A key is never sent anywhere else.
 */
async function keyFor(server: string): Promise<string | null> {
  const { SLUICE_KEY: key, SLUICE_KEY_FILE: file } = process.env;
  if (key) return key;
  if (file) return readKeyFile(file);
  const running = await findRunning(stateFolder(defaultStateFolder));
  if (running !== null && isSameGateway(server, running.apiUrl)) return running.apiKey;
  return URL.canParse(server) ? ((await findCredential(server))?.token ?? null) : null;
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new CommandError(
      exitCodes.usage,
      `The file that SLUICE_KEY_FILE names, ${file}, cannot be read.`,
      'Name a file that has the key and that your user can read, or unset SLUICE_KEY_FILE.',
      { cause, code: 'key.unreadable' },
    );
  }
}

/** Whether two addresses are the same, by whatever name this machine has for itself. */
export function isSameGateway(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => (URL.canParse(text) ? new URL(text) : null));
  if (!a || !b) return false;
  if (a.origin === b.origin) return true;
  return (
    a.protocol === b.protocol && a.port === b.port && isLoopbackHost(a.hostname) && isLoopbackHost(b.hostname)
  );
}

/** Runs a command against the gateway that was named, or the stack of this folder, which is started for it if need be. */
export async function withApi<Result>(
  { server }: ServerOptions,
  work: (api: ApiClient) => Promise<Result>,
): Promise<Result> {
  if (server) return work(new ApiClient(server, await keyFor(server)));
  return withStack((info) => work(new ApiClient(info.apiUrl, info.apiKey)));
}

/**
 * Runs a command that makes no sense beside a stack of its own: it reports on a running one.
 * @throws CommandError when nothing runs.
 */
export async function withRunningApi<Result>(
  { server }: ServerOptions,
  work: (api: ApiClient) => Promise<Result>,
): Promise<Result> {
  if (server) return work(new ApiClient(server, await keyFor(server)));
  const running = await findRunning(stateFolder(defaultStateFolder));
  if (running === null) {
    throw new CommandError(
      exitCodes.server,
      'Sluice does not run in this folder.',
      'Start it with npm start, or name a gateway with --server <url>. What had not ended goes on then.',
      { code: 'server.not-running' },
    );
  }
  return work(new ApiClient(running.apiUrl, running.apiKey));
}

/** Runs a command beside the stack of this folder: the one that runs, or one that is started for it. */
export async function withStack<Result>(work: (info: RunInfo) => Promise<Result>): Promise<Result> {
  const stack = await attachOrStart({
    stateFolder: defaultStateFolder,
    env: process.env,
    onStep: say,
  }).catch((error: unknown) => {
    if (error instanceof SetupError) {
      const options = { cause: error, code: 'server.cannot-start' };
      throw new CommandError(exitCodes.server, error.message, error.remedy, options);
    }
    throw error;
  });
  const release = () => {
    if (!stack.attached)
      say('Stopping Sluice, which was started for this command; what is open goes on with it.');
    void stack.release().finally(() => process.exit(130));
  };
  process.once('SIGINT', release);
  process.once('SIGTERM', release);
  try {
    return await work(stack.info);
  } finally {
    process.off('SIGINT', release);
    process.off('SIGTERM', release);
    await stack.release();
  }
}
