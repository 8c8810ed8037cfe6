/** Sooner than this the same fault is most likely still there. */
export const defaultRetryBaseMs = 1_000;
/** Longest wait between two attempts of one message. */
const capMs = 60_000;

/**
 * Exponential backoff with full jitter on its upper half, so that a thousand messages that failed together do not
 * come back together.
 * @param attempt from 1.
 * @param baseMs the first wait, at most.
 * @param random a number in [0, 1).
 * @returns milliseconds.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelayMs(
  attempt: number,
  baseMs: number = defaultRetryBaseMs,
  random: number = Math.random(),
): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
