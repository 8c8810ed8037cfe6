import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

// Package lists of a fresh container are 10 MB or so; a mirror that is out of reach gives up earlier (see below).
const APT_MS = 180_000;
export const aptOptions = [
  '-q',
  '-o',
  'Acquire::Retries=1',
  '-o',
  'Acquire::http::Timeout=5',
  '-o',
  'Acquire::https::Timeout=5',
];

/** The package tools of a Debian-like system. */
export interface Apt {
  exists(): Promise<boolean>;
  run(program: string, args: string[], cwd?: string): Promise<void>;
}

export function aptRunner(env: NodeJS.ProcessEnv): Apt {
  const options = {
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    timeout: APT_MS,
    maxBuffer: 16 * 1024 * 1024,
  };
  return {
    exists: () =>
      run('apt-get', ['--version'], options).then(
        () => true,
        () => false,
      ),
    run: async (program, args, cwd) =>
      void (await run(program, args, cwd === undefined ? options : { ...options, cwd })),
  };
}

/** The last line that a failed program printed. */
export function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n').at(-1)?.replace(/\.$/, '') ?? '';
}
