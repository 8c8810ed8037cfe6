import type { RequestSummary } from '@sluice/api';

/** Fewest items and seconds for an estimate of the remaining time. */
const steady = { count: 5, seconds: 5 };

/**
 * How fast items of a request end, a second, and in how many seconds the last will; null where that means nothing: when
 * all have ended; the remaining time is also unknown in the first moments and while a control or an outage holds. Pure.
 * @param recent items that ended in the last seconds.
 */
export function estimate(
  { itemCount, endedItems, completedAt }: Pick<RequestSummary, 'itemCount' | 'endedItems' | 'completedAt'>,
  recent: { count: number; seconds: number },
  isHeldUp: boolean,
): { ratePerSecond: number | null; etaSeconds: number | null } {
  if (completedAt !== null) return { ratePerSecond: null, etaSeconds: null };
  const ratePerSecond = recent.count / recent.seconds;
  const isSteady = !isHeldUp && recent.count >= steady.count && recent.seconds >= steady.seconds;
  return { ratePerSecond, etaSeconds: isSteady ? Math.ceil((itemCount - endedItems) / ratePerSecond) : null };
}
