import { ShutdownAbort, TransientError } from '@sluice/contracts';
import { parseArchiveReport } from '../inspect/archive-report-schema.ts';
import { unscannableReport, type ArchiveReport } from '../inspect/archive-report.ts';
import { childCommand, childEntry, probeNetworkIsolation, type NetworkIsolation } from './isolation.ts';
import { ChildFailed, SandboxChild, type ChildLimits } from './sandbox-child.ts';

export interface SandboxOptions {
  /** Children at once. */
  size: number;
  jobMs?: number;
  heapMaxMegabytes?: number;
  rssMaxBytes?: number;
  /** The child's program; the scanner's own unless a test says otherwise. */
  entry?: string;
  /** `modules` forgoes the network namespace. */
  network?: NetworkIsolation;
}

export interface Sandbox {
  /** How the children are kept from the network; null until the first was started. */
  readonly network: NetworkIsolation | null;
  /**
   * Inspects an archive in a child process.
   * @param open gives the archive's bytes; called again for a second try.
   * @returns the report; `unscannable` with `scanner.child-failed` when two children in a row died of the archive.
   * @throws errors of the source, the signal's reason, and TransientError when no child can be started.
   */
  inspect(open: () => Promise<AsyncIterable<Uint8Array>>, signal?: AbortSignal): Promise<ArchiveReport>;
  close(): Promise<void>;
}

/** The first failure may be the machine's; the second is the archive's. */
const triesMax = 2;
/** A child is replaced after this many jobs, against leaks and leftovers of hostile archives. */
const jobsPerChildMax = 200;
/** Idle children hold some 90 MB each; starting one takes a third of a second. */
const idleMs = 30_000;

export function createSandbox(options: SandboxOptions): Sandbox {
  const limits: ChildLimits = {
    jobMs: options.jobMs ?? 30_000,
    rssMaxBytes: options.rssMaxBytes ?? 768 * 1024 * 1024,
  };
  const idle: { child: SandboxChild; timer: NodeJS.Timeout }[] = [];
  const busy = new Set<SandboxChild>();
  const waiting: (() => void)[] = [];
  let slots = options.size;
  let network: NetworkIsolation | null = null;
  let isClosed = false;

  async function start(): Promise<SandboxChild> {
    network ??= options.network ?? (await probeNetworkIsolation());
    const heapMaxMegabytes = options.heapMaxMegabytes ?? 384;
    const command = childCommand({ entry: options.entry ?? childEntry(), network, heapMaxMegabytes });
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

  async function attempt(
    open: () => Promise<AsyncIterable<Uint8Array>>,
    signal?: AbortSignal,
  ): Promise<ArchiveReport> {
    signal?.throwIfAborted();
    if (isClosed) throw new ShutdownAbort();
    const child = await take();
    busy.add(child);
    try {
      return parseArchiveReport(await child.run(await open(), signal));
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
    async inspect(open, signal) {
      await acquireSlot();
      try {
        for (let tries = 1; ; tries += 1) {
          try {
            return await attempt(open, signal);
          } catch (error) {
            if (!(error instanceof ChildFailed)) throw error;
            if (tries >= triesMax)
              return unscannableReport('scanner.child-failed', error.message.slice(0, 500));
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
