import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SetupError } from './setup-error.ts';

const run = promisify(execFile);
const VERSION_MS = 5_000;

/**
 * The version that the program reports, such as `2.9.10`.
 * @throws SetupError when it cannot be run or is no nats-server.
 */
export async function natsServerVersion(binary: string): Promise<string> {
  let output: string;
  try {
    output = (await run(binary, ['--version'], { timeout: VERSION_MS })).stdout;
  } catch (error) {
    throw new SetupError(
      `${binary} cannot be run: ${firstLine(error)}.`,
      'Point SLUICE_NATS_SERVER at a nats-server for this machine.',
      { cause: error },
    );
  }
  const version = /^nats-server: v?(\d+\.\d+\.\d+\S*)/m.exec(output)?.[1];
  if (version === undefined) {
    throw new SetupError(
      `${binary} does not say that it is a nats-server.`,
      'Point SLUICE_NATS_SERVER at a nats-server.',
    );
  }
  return version;
}

/** Compares the numbers of two versions; suffixes such as `-RC.1` are ignored. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [a, b] = [version, minimum].map((text) => text.split(/[.-]/).slice(0, 3).map(Number)) as [
    number[],
    number[],
  ];
  for (let index = 0; index < 3; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
