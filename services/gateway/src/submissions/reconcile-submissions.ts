import { lostSubmissions, putBackLost } from '@sluice/submissions';
import type { GatewayDeps } from '../deps.ts';
import { lostBatches } from './lost-batches.ts';

type Deps = Pick<GatewayDeps, 'own' | 'bus' | 'log' | 'published'>;

/**
 * Publishes requests and batches again whose messages got lost; see `putBackLost`.
 * @returns how many were published again.
 */
export async function reconcileSubmissions({ own: sql, ...deps }: Deps): Promise<number> {
  const putBack = { sql, ...deps };
  const requests = await putBackLost(putBack, lostSubmissions(putBack, 'gateway'));
  return requests + (await putBackLost(putBack, lostBatches(putBack)));
}
