import { setTimeout as pause } from 'node:timers/promises';

/**
 * Looks again at every interval after the last look ended, until it is stopped; a look that fails is told and is no
 * reason to stop.
 * @returns how to stop it.
 */
export function lookAgain(
  everyMs: number,
  look: () => Promise<void>,
  failed: (error: unknown) => void,
): () => void {
  const stopping = new AbortController();
  void (async () => {
    for (;;) {
      await pause(everyMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
      if (stopping.signal.aborted) return;
      await look().catch(failed);
    }
  })();
  return () => stopping.abort();
}
