import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceContext } from './service.ts';

export interface Repetition {
  /** In the log, and among the steps of stopping. */
  name: string;
  /** From the end of a run to the begin of the next, in milliseconds. */
  everyMs: number;
  /** Before the first run, in milliseconds; the first run begins at once unless given. */
  firstMs?: number;
  run: () => Promise<unknown>;
}

/**
 * Repeats a run until the service stops. Runs never overlap. A failure is no reason to stop; it is logged once, and again
 * after another failure or a success.
 * @param context without `onStop` the caller ends the repetition.
 * @returns ends the repetition, and resolves when a run in progress has ended.
 */
export function repeat(
  context: Pick<ServiceContext<unknown>, 'log'> & Partial<Pick<ServiceContext<unknown>, 'onStop'>>,
  { name, everyMs, firstMs = 0, run }: Repetition,
): () => Promise<void> {
  const stopping = new AbortController();
  let known: string | null = null;
  const runOnce = async () => {
    try {
      await run();
      if (known !== null) context.log.info({ repeated: name }, `${name}: works again`);
      known = null;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== known)
        context.log.warn({ err: error, repeated: name }, `${name}: failed, and is tried again`);
      known = text;
    }
  };
  const repeating = (async () => {
    for (let waitMs = firstMs; ; waitMs = everyMs) {
      if (waitMs > 0) {
        await pause(waitMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
      }
      if (stopping.signal.aborted) return;
      await runOnce();
    }
  })();
  const stop = () => {
    stopping.abort();
    return repeating;
  };
  context.onStop?.(name, stop);
  return stop;
}
