import { asTransient, withOutbox, type Tx } from '@sluice/postgres';
import { failpoint, withSpan } from '@sluice/runtime';
import type { AggregatorDeps } from './deps.ts';

/**
 * One transaction; what it left in the outbox goes out right after the commit.
 * @throws TransientError when Postgres, not the work, is why it failed.
 */
export async function transact<Result>(
  deps: Pick<AggregatorDeps, 'sql' | 'published'>,
  name: string,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  try {
    const { result, written } = await withSpan(`transaction ${name}`, {}, () =>
      withOutbox(deps.sql, async (tx) => {
        const done = await work(tx);
        failpoint('before-commit');
        return done;
      }),
    );
    failpoint('after-commit');
    if (written.length > 0) deps.published(written);
    return result;
  } catch (error) {
    throw asTransient(error);
  }
}
