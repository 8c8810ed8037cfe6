import { setTimeout as delay } from 'node:timers/promises';
import { followCompletions } from './completions.ts';
import type { Contestant } from './contestant.ts';
import { newLockfile, submit } from './load.ts';

/** Pause between two looks at the table of requests: latencies are seen about this much too late, at most. */
export const latencyPollMs = 2;

/**
 * Submits requests at a steady rate, whether earlier ones are done or not, so that a slow moment shows in all that came
 * in it.
 * @returns milliseconds from each POST until its request, and so the last of its packages, is seen completed.
 */
export async function latencies(
  contestant: Contestant,
  requestsPerSecond: number,
  seconds: number,
  packagesEach = 1,
): Promise<number[]> {
  const completions = followCompletions(contestant, latencyPollMs);
  const started = performance.now();
  try {
    return await Promise.all(
      Array.from({ length: requestsPerSecond * seconds }, async (_, index) => {
        await delay(Math.max(0, started + (index * 1_000) / requestsPerSecond - performance.now()));
        const lockfile = newLockfile(packagesEach);
        const posted = performance.now();
        const id = await submit(contestant, lockfile);
        return (await completions.of(id)) - posted;
      }),
    );
  } finally {
    completions.stop();
  }
}
