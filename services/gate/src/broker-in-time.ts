import { TransientError } from '@sluice/contracts';
import { inTime } from '@sluice/runtime';

const maxMs = 3_000;

/**
 * Waits a moment for work that needs NATS: while the broker is away, clients are not to wait for it. The work may be done all the same,
 * so it has to be harmless when it is done twice.
 * @throws TransientError `backend.timeout`; errors of the work.
 */
export function brokerInTime<Result>(work: Promise<Result>): Promise<Result> {
  return inTime(work, maxMs, () => new TransientError('backend.timeout', 'NATS does not answer.'));
}
