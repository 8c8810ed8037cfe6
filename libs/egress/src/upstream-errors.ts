import { PermanentError, TransientError } from '@sluice/contracts';

/** The host is out of order: the stage pauses for it, and no attempts are spent. */
export function unavailable(
  host: string,
  why: string,
  options: { cause?: unknown; retryAfterMs?: number | undefined } = {},
): TransientError {
  const retryAfter = options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs };
  return new TransientError('registry.unavailable', `${host}: ${why}.`, {
    cause: options.cause,
    host,
    ...retryAfter,
  });
}

/**
 * A host points to where nothing may be fetched from: a portal that takes every request to its own page, a file host
 * that is not allowed, or an attack. Only who knows the host's other answers can tell.
 */
export class RefusedRedirect extends PermanentError {
  constructor(host: string, why: PermanentError) {
    super('egress.forbidden', `${host} redirects elsewhere. ${why.message}`, { cause: why });
  }
}

/** Long, since resuming the host wakes the stages. */
const pausedRetryMs = 15_000;

/** An operator paused the host: for a stage that is an outage like any other. */
export function pausedHost(host: string, why: string): TransientError {
  return new TransientError('upstream.paused', why, { host, retryAfterMs: pausedRetryMs });
}

/**
 * The host answers, but one body does not arrive in time. It counts as an attempt: a path that trickles for ever must
 * end some day, and the host's other paths need not wait for it.
 */
export function tooSlow(host: string, deadlineMs: number): TransientError {
  return new TransientError(
    'registry.unavailable',
    `${host}: the body did not arrive within ${deadlineMs} ms.`,
  );
}

/**
 * The body ended before it was complete. It may be the network or a damaged file at the registry: it counts as an
 * attempt, since a file that is damaged stays so.
 */
export function brokenOff(host: string, cause: unknown): TransientError {
  return new TransientError('egress.broken-off', `${host}: the answer broke off in the middle.`, { cause });
}
