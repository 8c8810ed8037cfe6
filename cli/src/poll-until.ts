import { setTimeout as delay } from 'node:timers/promises';
import { CommandError, exitCodes } from './exit-codes.ts';

/** Often enough to look live, seldom enough to cost nothing. */
const pollMs = 300;

interface Polling<Seen> {
  isDone: (seen: Seen) => boolean;
  timeoutMs: number;
  /** What is said when the time is over. */
  late: (seen: Seen) => { message: string; lookAgain: string; code: string };
}

/**
 * Reads again and again until it is done.
 * @throws CommandError with exit code 3 after the timeout; errors of the reading.
 */
export async function pollUntil<Seen>(
  read: () => Promise<Seen>,
  { isDone, timeoutMs, late }: Polling<Seen>,
): Promise<Seen> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await read();
    if (isDone(seen)) return seen;
    if (Date.now() > deadline) {
      const { message, lookAgain, code } = late(seen);
      const remedy = `The work goes on; look again with: npm run sluice -- ${lookAgain}`;
      throw new CommandError(exitCodes.timeout, message, remedy, { code });
    }
    await delay(pollMs);
  }
}
