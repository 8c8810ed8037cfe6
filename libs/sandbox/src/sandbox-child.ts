import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ChildCommand } from './isolation.ts';
import { decodeFrames, encodeFrame, type Frame } from './frames.ts';
import { processorMs, residentBytes } from './process-usage.ts';

export interface JobOptions {
  /** A word for the child, which it has before the bytes. */
  task?: string;
  signal?: AbortSignal | undefined;
}

export interface ChildLimits {
  /** Processor time of one job. */
  cpuMs: number;
  /** Further processor time for each megabyte that the job has. */
  cpuMsPerMegabyte: number;
  /** Resident memory; the heap has a limit of its own, buffers do not count towards it. */
  rssMaxBytes: number;
}

/** The child died, hung or was ended over a limit. Says nothing about who is to blame. */
export class ChildFailed extends Error {
  override readonly name = 'ChildFailed';
}

/** Loading the code takes a third of a second; on a machine under load, many times that. */
const startMs = 30_000;
/** A runaway allocation of 1 GB/s is found before it doubles the limit. */
const usageCheckMs = 250;
/** A job that gets a tenth of a core still ends by itself. One that takes longer waits for something that never comes. */
const wallFactor = 10;
const megabyte = 1024 * 1024;
/** A report holds at most a thousand findings and five thousand paths. */
const resultMaxBytes = 16 * 1024 * 1024;
const stderrKeptChars = 2_000;

/** One sandboxed process, which does one job at a time. */
export class SandboxChild {
  readonly #process: ChildProcess;
  readonly #frames: AsyncIterator<Frame>;
  readonly #limits: ChildLimits;
  readonly #exited: Promise<void>;
  #stderr = '';
  /** Why it was ended from here. */
  #verdict: string | null = null;
  jobsDone = 0;
  /** Of the present job, so far. */
  #jobBytes = 0;
  /** Processor time of the process at the present job's first check. Most jobs end before, and need no look at it. */
  #usedBefore: number | null = null;

  private constructor(process: ChildProcess, limits: ChildLimits) {
    this.#process = process;
    this.#limits = limits;
    this.#frames = decodeFrames(process.stdio[3] as Readable as AsyncIterable<Buffer>, resultMaxBytes)[
      Symbol.asyncIterator
    ]();
    this.#exited = new Promise((resolve) => {
      process.once('close', () => resolve());
      process.once('error', (error) => {
        this.#verdict ??= `could not be started: ${error.message}`;
        resolve();
      });
    });
    process.stdin!.on('error', () => {});
    process.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-stderrKeptChars);
    });
  }

  /** @throws ChildFailed when it does not come up. */
  static async start({ command, args, env }: ChildCommand, limits: ChildLimits): Promise<SandboxChild> {
    const stdio = ['pipe', 'ignore', 'pipe', 'pipe'] as const;
    const child = new SandboxChild(spawn(command, args, { stdio: [...stdio], env, cwd: '/' }), limits);
    const ready = await child.#within(
      () => startMs,
      () => child.#frames.next(),
    );
    if (ready.done || ready.value.kind !== 'ready') {
      child.kill('did not start');
      throw await child.#failure();
    }
    return child;
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null && this.#verdict === null;
  }

  /**
   * Runs one job.
   * @returns the result as the child wrote it: still to be checked.
   * @throws ChildFailed when the child dies, hangs or exceeds its memory; errors of the source; the signal's reason.
   */
  async run(
    source: AsyncIterable<Uint8Array> | Readable,
    { task = '', signal }: JobOptions = {},
  ): Promise<Buffer> {
    const abort = () => this.kill('the job was given up');
    signal?.addEventListener('abort', abort, { once: true });
    this.#jobBytes = 0;
    this.#usedBefore = null;
    const usage = setInterval(() => void this.#checkUsage(), usageCheckMs);
    try {
      // Whichever fails first is why; the source's own failure is not the child's.
      const [result] = await Promise.all([
        this.#within(
          () => this.#jobMaxMs * wallFactor,
          () => this.#answer(),
        ),
        this.#send(source, task),
      ]);
      this.jobsDone += 1;
      return result;
    } catch (error) {
      this.kill('a job failed');
      // A source that is waited for in vain would stay open.
      (source as Partial<Readable>).destroy?.();
      signal?.throwIfAborted();
      throw error;
    } finally {
      clearInterval(usage);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Ends the process at once. */
  kill(why: string): void {
    this.#verdict ??= why;
    this.#process.kill('SIGKILL');
  }

  /** Ends an idle process and waits until it is gone. */
  async close(): Promise<void> {
    this.#verdict ??= 'was closed';
    this.#process.stdin!.end();
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  async #send(source: AsyncIterable<Uint8Array>, task: string): Promise<void> {
    const input = this.#process.stdin as Writable;
    input.write(encodeFrame('job', Buffer.from(task)));
    for await (const chunk of source) {
      if (!this.isAlive) return;
      this.#jobBytes += chunk.length;
      if (!input.write(encodeFrame('data', chunk))) await this.#drained(input);
    }
    input.write(encodeFrame('end'));
  }

  /** A pipe that breaks is no failure of its own: the child is ending, and its end says why. */
  async #drained(input: Writable): Promise<void> {
    await Promise.race([once(input, 'drain').catch(() => this.#exited), this.#exited]);
  }

  async #answer(): Promise<Buffer> {
    const frame = await this.#frames.next();
    if (frame.done) throw new Error('The child ended.');
    if (frame.value.kind !== 'result') {
      this.kill(`failed: ${frame.value.body.toString('utf8')}`);
      throw new Error('The job failed.');
    }
    return Buffer.from(frame.value.body);
  }

  /** Processor time that the present job may take: large archives are read to their end, small ones do not block others. */
  get #jobMaxMs(): number {
    const { cpuMs, cpuMsPerMegabyte } = this.#limits;
    return cpuMs + Math.ceil((this.#jobBytes / megabyte) * cpuMsPerMegabyte);
  }

  /** @param maxMs asked again when the time is over: it grows while a job's bytes come in. */
  async #within<T>(maxMs: () => number, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    let timer: NodeJS.Timeout;
    const check = () => {
      const leftMs = maxMs() - (performance.now() - started);
      if (leftMs <= 0) this.kill(`took longer than ${maxMs()} ms`);
      else timer = setTimeout(check, leftMs);
    };
    timer = setTimeout(check, maxMs());
    try {
      return await work();
    } catch {
      throw await this.#failure();
    } finally {
      clearTimeout(timer);
    }
  }

  async #checkUsage(): Promise<void> {
    const [bytes, usedMs] = await Promise.all([
      residentBytes(this.#process.pid),
      processorMs(this.#process.pid),
    ]);
    if (bytes !== null && bytes > this.#limits.rssMaxBytes) {
      this.kill(`used more than ${this.#limits.rssMaxBytes} bytes of memory`);
    }
    const maxMs = this.#jobMaxMs;
    this.#usedBefore ??= usedMs;
    if (usedMs !== null && usedMs - this.#usedBefore! > maxMs) {
      this.kill(`used more than ${maxMs} ms of processor time`);
    }
  }

  async #failure(): Promise<ChildFailed> {
    await this.#exited;
    const { exitCode, signalCode } = this.#process;
    const why = this.#verdict ?? `ended with ${signalCode ?? `code ${exitCode}`}`;
    return new ChildFailed(`The scanning process ${why}. ${this.#stderr.slice(-500)}`.trim());
  }
}
