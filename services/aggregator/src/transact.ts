import { setTimeout as pause } from 'node:timers/promises';
import { asTransient, isConflict, type Tx } from '@sluice/postgres';
import { addToOutbox, withOutbox } from '@sluice/delivery';
import { failpoint, withSpan } from '@sluice/runtime';
import { settleBatches } from './batches/settle-batches.ts';
import type { AggregatorDeps } from './deps.ts';

/** A transaction that stood in the way of another is done again this often. */
const triesMax = 5;
/** Two that met do not begin again at the same moment. */
const conflictPauseMaxMs = 50;

/**
 * One transaction; messages that it left in the outbox go out right after the commit. A deadlock or a serialization
 * failure is no outage: the work is done again at once.
 *
 * Rows are locked in one order: assessments in flight, packages, items, requests, each by their keys, then come new
 * assessments, and last the batches of requests that ended or were opened (`settleBatches`). Where the assessments are known from items (a cancel, a retry, bundled packages), those are looked up
 * first and locked later; a deadlock with a transaction in between is still possible, and is retried.
 * @param work may run several times; it has no effect beside its transaction.
 * @throws TransientError when Postgres, not the work, is why it failed.
 */
export async function transact<Result>(
  deps: Pick<AggregatorDeps, 'sql' | 'published' | 'now'>,
  name: string,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  try {
    const { result, written } = await withSpan(`transaction ${name}`, {}, () =>
      again(() =>
        withOutbox(deps.sql, async (tx) => {
          const done = await work(tx);
          await addToOutbox(tx, await settleBatches(tx, deps.now()));
          failpoint('before-commit');
          return done;
        }),
      ),
    );
    failpoint('after-commit');
    if (written.length > 0) deps.published(written);
    return result;
  } catch (error) {
    throw asTransient(error);
  }
}

async function again<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isConflict(error) || tries === triesMax) throw error;
      await pause(Math.random() * conflictPauseMaxMs);
    }
  }
}
