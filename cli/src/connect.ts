import { attachOrStart, defaultStateFolder, type RunInfo } from '@sluice/embedded/attach';
import { SetupError } from '@sluice/servers';
import { ApiClient } from './api-client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';

export interface ServerOptions {
  /** Base URL of a gateway; the stack of this folder when not given. */
  server?: string | undefined;
}

/** Tells people what happens; results go to stdout, everything else to stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs a command against the gateway that was named, or the embedded stack of this folder. */
export async function withApi<Result>(
  options: ServerOptions,
  work: (api: ApiClient) => Promise<Result>,
): Promise<Result> {
  if (options.server) return work(new ApiClient(options.server));
  return withStack((info) => work(new ApiClient(info.apiUrl)));
}

/** Runs a command beside the stack of this folder: the one that runs, or one that is started for it. */
export async function withStack<Result>(work: (info: RunInfo) => Promise<Result>): Promise<Result> {
  const stack = await attachOrStart({
    stateFolder: defaultStateFolder,
    env: process.env,
    onStep: say,
  }).catch((error: unknown) => {
    if (error instanceof SetupError)
      throw new CommandError(exitCodes.server, error.message, error.remedy, { cause: error });
    throw error;
  });
  const release = () => void stack.release().finally(() => process.exit(130));
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
