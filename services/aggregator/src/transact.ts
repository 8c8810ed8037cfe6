import { asTransient, writtenIn, type OutboxRow, type Tx } from '@sluice/postgres';
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
    let written: OutboxRow[] = [];
    const result = await withSpan(`transaction ${name}`, {}, () =>
      deps.sql.begin(async (tx) => {
        const done = await work(tx);
        written = writtenIn(tx);
        failpoint('before-commit');
        return done;
      }),
    );
    failpoint('after-commit');
    if (written.length > 0) deps.published(written);
    return result as Result;
  } catch (error) {
    throw asTransient(error);
  }
}
