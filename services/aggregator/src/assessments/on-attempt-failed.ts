import type { EventData, pkgAttemptFailed } from '@sluice/contracts';
import type { Received } from '@sluice/delivery';
import type { AggregatorDeps } from '../deps.ts';
import { redoLost } from '../recovery/redo-lost.ts';
import { transact } from '../transact.ts';

type AttemptFailed = EventData<typeof pkgAttemptFailed>;

/** A stage will try again, or asks for lost bytes to be stored again. Harmless to repeat, hence no inbox. */
export function onAttemptFailed(deps: AggregatorDeps) {
  return async (batch: Received<AttemptFailed>[]): Promise<void> => {
    const facts = batch.map(({ event }) => event.data);
    await redoLost(
      facts.filter(({ redo }) => redo),
      deps,
    );
    await postpone(
      facts.filter(({ redo }) => !redo),
      deps,
    );
  };
}

/**
 * A stage that will try again is alive and has the message, so its assessment is not late until some time after
 * the next try.
 */
async function postpone(facts: AttemptFailed[], deps: AggregatorDeps): Promise<void> {
  if (facts.length === 0) return;
  // In one order everywhere, against deadlocks with the other handlers.
  const inOrder = facts.toSorted((a, b) => (a.assessmentId < b.assessmentId ? -1 : 1));
  await transact(deps, 'on attempt failed', async (tx) => {
    await Promise.all(
      inOrder.map(({ assessmentId, attempt, nextTryAt }) => {
        const deadline = new Date(Date.parse(nextTryAt) + deps.stageDeadlineMs);
        return tx`
          update assessments set deadline_at = greatest(deadline_at, ${deadline})
          where id = ${assessmentId} and attempt = ${attempt} and state = 'running'`;
      }),
    );
  });
}
