import { TransientError } from '@sluice/contracts';

/**
 * Waits for work that needs Postgres, and no longer than the time given. A server that is stopped, or a machine that is
 * cut off, ends no connection and answers nothing; timeouts of the server's own do not help then. The work goes on in
 * the background.
 * @throws TransientError `backend.unavailable` when the time is over; errors of the work.
 */
export async function inTime<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TransientError('backend.unavailable', 'Postgres does not answer.')),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
