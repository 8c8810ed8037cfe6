import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ChildRecords } from './child-records.ts';
import { SetupError } from './setup-error.ts';

export interface ChildOptions {
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Output is appended here. */
  logFile: string;
  /** The signal that asks this program to stop; SIGTERM when left out. */
  stopSignal?: NodeJS.Signals;
  records?: ChildRecords | undefined;
}

export interface Child {
  pid: number;
  /** Resolves when the process has ended, for any reason. */
  exited: Promise<ChildExit>;
  /** Null while it runs. */
  exit(): ChildExit | null;
  /** Asks it to stop, waits `graceMs`, then sends SIGKILL. Resolves when the process is gone. */
  stop(graceMs: number): Promise<ChildExit>;
  /** SIGKILL. */
  kill(): Promise<ChildExit>;
}

export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * Starts a process in a session of its own: Ctrl-C in the terminal reaches only the launcher, which stops its children
 * in their order.
 * @throws SetupError when the program cannot be started.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, records, stopSignal = 'SIGTERM' } = options;
  const child = await spawnLogged(options);
  const pid = child.pid as number;
  let exit: ChildExit | null = null;
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  await records?.add(name, pid, stopSignal);
  const forgotten = exited.then(() => records?.remove(pid));
  const end = async (signal: NodeJS.Signals, graceMs: number): Promise<ChildExit> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    const result = await exited;
    clearTimeout(timer);
    await forgotten;
    return result;
  };
  return {
    pid,
    exited,
    exit: () => exit,
    stop: (graceMs) => end(stopSignal, graceMs),
    kill: () => end('SIGKILL', 0),
  };
}

async function spawnLogged({
  command,
  args,
  env,
  cwd,
  uid,
  gid,
  logFile,
}: ChildOptions): Promise<ChildProcess> {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(command, args, {
      env,
      stdio: ['ignore', log, log],
      detached: true,
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    await once(child, 'spawn');
    return child;
  } catch (error) {
    throw new SetupError(
      `${command} cannot be started: ${(error as Error).message}.`,
      'Check that the file is a program for this machine and may be executed.',
      { cause: error },
    );
  } finally {
    closeSync(log);
  }
}

const TAIL_BYTES = 4_096;

/** The last lines of a log, for the message that says why a server did not start. */
export async function logTail(file: string, lines = 3): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(TAIL_BYTES),
      position: Math.max(0, size - TAIL_BYTES),
    });
    return buffer.subarray(0, bytesRead).toString('utf8').trim().split('\n').slice(-lines).join(' | ');
  } finally {
    await handle.close();
  }
}
