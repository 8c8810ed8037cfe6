import type { EventData, pkgAttemptFailed } from '@sluice/contracts';
import type { Received } from '@sluice/messaging';
import type { AggregatorDeps } from './deps.ts';
import { transact } from './transact.ts';

/**
 * A stage will try again: it is alive and has the message, so its assessment is not late until some time after the
 * next try. Harmless to repeat, hence no inbox.
 */
export function onAttemptFailed(deps: AggregatorDeps) {
  return (batch: Received<EventData<typeof pkgAttemptFailed>>[]): Promise<void> =>
    transact(deps, 'on attempt failed', async (tx) => {
      // In one order everywhere, against deadlocks with the other handlers.
      const facts = batch
        .map(({ event }) => event.data)
        .toSorted((a, b) => (a.assessmentId < b.assessmentId ? -1 : 1));
      await Promise.all(
        facts.map(({ assessmentId, attempt, nextTryAt }) => {
          const deadline = new Date(Date.parse(nextTryAt) + deps.stageDeadlineMs);
          return tx`
            update assessments set deadline_at = greatest(deadline_at, ${deadline})
            where id = ${assessmentId} and attempt = ${attempt} and state = 'running'`;
        }),
      );
    });
}
