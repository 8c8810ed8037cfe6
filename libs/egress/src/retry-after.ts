/** A registry that asks for more is asked again after this long: hours of silence would look like a hang. */
export const retryAfterMaxMs = 10 * 60 * 1000;

/**
 * Reads `Retry-After`: seconds, or an HTTP date.
 * Source: RFC 9110 §10.2.3.
 * @param maxMs the longest wait that is obeyed; ten minutes unless given.
 * @returns milliseconds from `nowMs`, between 0 and `maxMs`; undefined when there is no such header or it is junk.
 */
export function parseRetryAfter(
  value: string | undefined,
  nowMs: number,
  maxMs = retryAfterMaxMs,
): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), maxMs);
}
