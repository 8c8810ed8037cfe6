import type { RequestSummary } from './queries/requests.ts';

/** What the rate is reckoned from at least, for it to say anything of what is left. */
const steady = { count: 5, seconds: 5 };

/**
 * How fast items of a request end, a second, and in how many seconds the last will; null where that means nothing: when
 * all have ended, and for what is left also in the first moments and while something holds them up. Pure.
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
