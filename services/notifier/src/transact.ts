import { withOutbox } from '@sluice/delivery';
import { asTransient, type Tx } from '@sluice/postgres';
import { failpoint } from '@sluice/runtime';
import type { NotifierDeps } from './deps.ts';

/** A transaction whose messages are published, and whose deliveries are sent, right after it. @throws TransientError for an outage of Postgres. */
export async function transact<Result>(
  deps: Pick<NotifierDeps, 'sql' | 'published' | 'wake'>,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const { result, written } = await withOutbox(deps.sql, async (tx) => {
    const done = await work(tx);
    failpoint('before-commit');
    return done;
  }).catch((error: unknown) => {
    throw asTransient(error);
  });
  failpoint('after-commit');
  deps.published(written);
  deps.wake();
  return result;
}
