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
  records?: ChildRecords | undefined;
}

export interface Child {
  pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  exited: Promise<ChildExit>;
  /** Null while it runs. */
  exit(): ChildExit | null;
  /** Sends the signal, waits `graceMs`, then sends SIGKILL. Resolves when the process is gone. */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<ChildExit>;
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
  const child = await spawnLogged(options);
  const pid = child.pid as number;
  let exit: ChildExit | null = null;
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  await options.records?.add(options.name, pid);
  void exited.then(() => options.records?.remove(pid));
  return {
    pid,
    exited,
    exit: () => exit,
    async stop(signal, graceMs) {
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const result = await exited;
      clearTimeout(timer);
      await options.records?.remove(pid);
      return result;
    },
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
