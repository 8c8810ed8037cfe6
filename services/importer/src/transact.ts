import { asTransient, type Tx } from '@sluice/postgres';
import { commit } from './batches/save-opened.ts';
import type { ImporterDeps } from './deps.ts';

/** A transaction whose messages are published right after it. @throws TransientError for an outage of Postgres. */
export async function transact<Result>(
  deps: Pick<ImporterDeps, 'sql' | 'published'>,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  return commit(deps, work).catch((error: unknown) => {
    throw asTransient(error);
  });
}
