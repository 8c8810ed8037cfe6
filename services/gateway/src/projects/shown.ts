import type { ShownProject, ShownRefresh } from '@sluice/api';
import {
  TransientError,
  errorCodes,
  knownCode,
  type Project,
  type Quota,
  type Refresh,
} from '@sluice/contracts';

/** A refresh with the remedy of its failure. Pure. */
export function shownRefresh<Row extends Pick<Refresh, 'failure'>>(
  refresh: Row,
): Omit<Row, 'failure'> & Pick<ShownRefresh, 'failure'> {
  const { failure } = refresh;
  return {
    ...refresh,
    failure: failure && { ...failure, remedy: errorCodes[knownCode(failure.code)].remedy },
  };
}

/** Pure. */
export function shownProject({ lastRefresh, ...project }: Project): ShownProject {
  return { ...project, lastRefresh: lastRefresh && shownRefresh(lastRefresh) };
}

/** The refusal of something that was done as often as it may be for now. */
export function quotaExceeded(
  { limit, windowSeconds, resetAt }: Quota,
  what: string,
  now: Date,
): TransientError {
  const retryAfterMs = resetAt === null ? 0 : Math.max(0, Date.parse(resetAt) - now.getTime());
  const detail = `${what}: ${limit} in ${windowSeconds} s. There is room again at ${resetAt ?? 'once'}.`;
  return new TransientError('quota.exceeded', detail, { retryAfterMs });
}
