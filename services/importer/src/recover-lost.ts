import type { Bus } from '@sluice/broker';
import { askToRepublish, noticeLostMessages } from '@sluice/delivery';
import { lostSubmissions, putBackLost } from '@sluice/submissions';
import { lostBatches } from './batches/lost-batches.ts';
import type { ImporterDeps } from './deps.ts';
import { lostRefreshBatches, lostRefreshRequests } from './projects/lost-refreshes.ts';

/**
 * Publishes messages again that the aggregator should have taken in and does not know, and asks for those that were removed from the
 * stream before the importer had read them.
 * @throws TransientError when another service or Postgres is away; to be asked again.
 */
export async function recoverLost(bus: Bus, { sql, log, published }: ImporterDeps): Promise<void> {
  const deps = { sql, bus, log, published };
  await noticeLostMessages(bus, sql, 'importer', async () => {
    const messages = await askToRepublish(bus, ['gateway', 'aggregator']);
    log.error(
      { messages },
      'the broker lost messages; what gateway and aggregator published lately is published again',
    );
  });
  await putBackLost(deps, lostSubmissions(deps, 'importer'));
  await putBackLost(deps, lostBatches(deps));
  await putBackLost(deps, lostRefreshBatches(deps));
  await putBackLost(deps, lostRefreshRequests(deps));
}
