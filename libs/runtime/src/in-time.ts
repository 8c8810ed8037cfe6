import { TransientError } from '@sluice/contracts';

/**
 * Waits for work that needs Postgres or NATS, and no longer than the time given. A server that is stopped, or a machine that is
 * cut off, ends no connection and answers nothing; timeouts of the server's own do not help then. The work goes on in
 * the background.
 * @param whenLate the error when the time is over.
 * @throws TransientError `backend.unavailable` when the time is over, unless another is given; errors of the work.
 */
export async function inTime<Result>(
  work: Promise<Result>,
  timeoutMs: number,
  whenLate: () => Error = () => new TransientError('backend.unavailable', 'Postgres does not answer.'),
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(whenLate()), timeoutMs);
  });
  // What the work does later concerns nobody.
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
