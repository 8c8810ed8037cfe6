import { setTimeout as delay } from 'node:timers/promises';
import type { OnStep } from '@sluice/servers';

/** A started process, as the supervisor sees it. */
export interface Supervisable {
  pid: number;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stop(): Promise<void>;
}

export interface Supervised<T extends Supervisable> {
  /** The one that runs now. */
  current(): T;
  stop(): Promise<void>;
}

const BACKOFF_FIRST_MS = 500;
const BACKOFF_LAST_MS = 30_000;
// A process that ran this long was well; the next failure starts again with the short pause.
const HEALTHY_MS = 10_000;

/**
 * Starts a process and starts it again whenever it ends without being asked to, with growing pauses.
 * @param start called for each start; the first failure is thrown, later ones are tried again.
 */
export async function supervise<T extends Supervisable>(
  name: string,
  start: () => Promise<T>,
  onStep: OnStep,
): Promise<Supervised<T>> {
  const stopping = new AbortController();
  let current = await start();
  const watching = watch();

  async function watch(): Promise<void> {
    let backoffMs = BACKOFF_FIRST_MS;
    while (!stopping.signal.aborted) {
      const startedAt = Date.now();
      const { code, signal } = await current.exited;
      if (stopping.signal.aborted) return;
      if (Date.now() - startedAt > HEALTHY_MS) backoffMs = BACKOFF_FIRST_MS;
      onStep(`${name} ended (${signal ?? `code ${code}`}); starting it again in ${backoffMs / 1000} s.`);
      backoffMs = await restart(backoffMs);
    }
  }

  async function restart(pauseMs: number): Promise<number> {
    let backoffMs = pauseMs;
    while (!stopping.signal.aborted) {
      await delay(backoffMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, BACKOFF_LAST_MS);
      if (stopping.signal.aborted) return backoffMs;
      try {
        current = await start();
        onStep(`${name} runs again.`);
        return backoffMs;
      } catch (error) {
        onStep(`${name} does not start: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return backoffMs;
  }

  return {
    current: () => current,
    async stop() {
      stopping.abort();
      await current.stop();
      // A start that was under way is waited for, so that nothing is left behind.
      await watching;
      await current.stop();
    },
  };
}
