import { knownCode, type EventData, type pkgFailed } from '@sluice/contracts';
import { addToOutbox, type Received } from '@sluice/delivery';
import type { AggregatorDeps } from '../deps.ts';
import { endFailed } from './end-assessments.ts';
import { bundlersOf } from '../requests/follow-bundlers.ts';
import { claimAndLock } from './on-evidence.ts';
import { transact } from '../transact.ts';

/** A stage gave up: the assessment fails, and every request that waits for it goes on. */
export function onFailed(deps: AggregatorDeps) {
  return async (batch: Received<EventData<typeof pkgFailed>>[]): Promise<void> => {
    await transact(deps, 'on failed', async (tx) => {
      const absent = batch.flatMap(({ event: { data } }) =>
        data.code === 'registry.version-not-found' ? [data.purl] : [],
      );
      const [fresh, rows] = await claimAndLock(tx, 'aggregator/failed', batch, await bundlersOf(tx, absent));
      const facts = new Map(
        batch
          .filter(({ event }) => fresh.has(event.id))
          .map(({ event }) => [event.data.assessmentId, event.data]),
      );
      const failed = rows
        .filter((row) => row.attempt === facts.get(row.id)?.attempt)
        .map((assessment) => {
          const { stage, code, detail } = facts.get(assessment.id)!;
          return { assessment, failure: { stage, code: knownCode(code), detail } };
        });
      await addToOutbox(tx, await endFailed(tx, failed, deps, false));
    });
    if (batch.some(({ event }) => event.data.lane === 'bulk')) deps.wakeBulk();
  };
}
