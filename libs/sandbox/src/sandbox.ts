import { ShutdownAbort, TransientError } from '@sluice/contracts';
import { childCommand, probeNetworkIsolation, type NetworkIsolation } from './isolation.ts';
import { ChildFailed, SandboxChild, type ChildLimits, type JobOptions } from './sandbox-child.ts';

export interface SandboxOptions<Result> {
  /** The child's program: it calls `serveJobs`. */
  entry: string;
  /** Checks the answer of a child, which is as untrusted as its input. */
  parse: (answer: Buffer) => Result;
  /** The result of a job that two children in a row died of. */
  failed: (detail: string) => Result;
  /** Children at once. */
  size: number;
  /** Processor time of one job, 30 s unless given. */
  cpuMs?: number;
  /** Further processor time for each megabyte of a job; a tenth of `cpuMs` unless given. */
  cpuMsPerMegabyte?: number;
  heapMaxMegabytes?: number;
  rssMaxBytes?: number;
  /** `modules` forgoes the network namespace. */
  network?: NetworkIsolation;
}

/** Runs jobs on untrusted bytes in child processes without network, files or environment. */
export interface Sandbox<Result> {
  /** How the children are kept from the network; null until the first was started. */
  readonly network: NetworkIsolation | null;
  /**
   * Runs one job.
   * @param open gives the job's bytes; called again for a second try.
   * @throws errors of the source, the signal's reason, and TransientError when no child can be started.
   */
  run(open: () => Promise<AsyncIterable<Uint8Array>>, options?: JobOptions): Promise<Result>;
  close(): Promise<void>;
}

/** The first failure may be the machine's; the second is the job's. */
const triesMax = 2;
/**
 * A child is replaced after this many jobs, against leaks and leftovers of hostile archives. Its code is slow until it is
 * compiled, which costs 4 s of processor time: as much as a hundred ordinary archives.
 */
const jobsPerChildMax = 1_000;
/** The tree of 9 MB of minified code, in the longest files that are parsed, and what is found out about it. */
const heapMaxMegabytes = 640;
/** Beside the heap, buffers and the code itself. */
const rssMaxBytes = 1024 * 1024 * 1024;
/** Idle children hold some 90 MB each; starting one takes a third of a second. */
const idleMs = 30_000;

export function createSandbox<Result>(options: SandboxOptions<Result>): Sandbox<Result> {
  const cpuMs = options.cpuMs ?? 30_000;
  const limits: ChildLimits = {
    cpuMs,
    cpuMsPerMegabyte: options.cpuMsPerMegabyte ?? cpuMs / 10,
    rssMaxBytes: options.rssMaxBytes ?? rssMaxBytes,
  };
  const idle: { child: SandboxChild; timer: NodeJS.Timeout }[] = [];
  const busy = new Set<SandboxChild>();
  const waiting: (() => void)[] = [];
  let slots = options.size;
  let network: NetworkIsolation | null = null;
  let isClosed = false;

  async function start(): Promise<SandboxChild> {
    network ??= options.network ?? (await probeNetworkIsolation());
    const command = childCommand({ heapMaxMegabytes, ...options, network });
    return SandboxChild.start(command, limits).catch((cause: unknown) => {
      throw new TransientError('scanner.child-failed', (cause as Error).message, { cause });
    });
  }

  async function take(): Promise<SandboxChild> {
    for (let next = idle.pop(); next; next = idle.pop()) {
      clearTimeout(next.timer);
      if (next.child.isAlive) return next.child;
    }
    return start();
  }

  function giveBack(child: SandboxChild): void {
    busy.delete(child);
    if (isClosed || !child.isAlive || child.jobsDone >= jobsPerChildMax) {
      child.kill('is not needed any more');
      return;
    }
    const timer = setTimeout(() => {
      idle.splice(
        idle.findIndex((entry) => entry.child === child),
        1,
      );
      child.kill('was idle');
    }, idleMs);
    timer.unref();
    idle.push({ child, timer });
  }

  async function attempt(open: () => Promise<AsyncIterable<Uint8Array>>, job: JobOptions): Promise<Result> {
    job.signal?.throwIfAborted();
    if (isClosed) throw new ShutdownAbort();
    const child = await take();
    busy.add(child);
    try {
      return options.parse(await child.run(await open(), job));
    } finally {
      giveBack(child);
    }
  }

  async function acquireSlot(): Promise<void> {
    if (slots > 0) slots -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function releaseSlot(): void {
    const next = waiting.shift();
    if (next) next();
    else slots += 1;
  }

  return {
    get network() {
      return network;
    },
    async run(open, job = {}) {
      await acquireSlot();
      try {
        for (let tries = 1; ; tries += 1) {
          try {
            return await attempt(open, job);
          } catch (error) {
            if (!(error instanceof ChildFailed)) throw error;
            if (tries >= triesMax) return options.failed(error.message);
          }
        }
      } finally {
        releaseSlot();
      }
    },
    async close() {
      isClosed = true;
      const children = [...busy, ...idle.map(({ child }) => child)];
      for (const { timer } of idle.splice(0)) clearTimeout(timer);
      await Promise.all(children.map((child) => child.close()));
    },
  };
}
