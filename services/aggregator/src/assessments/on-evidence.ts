import { wholeEvidence, type EventData, type pkgScanned } from '@sluice/contracts';
import { addToOutbox, claimEvents, type Received } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { redrive } from '../recovery/redrive.ts';
import { assessmentColumns, type Assessment } from './assessment.ts';
import type { AggregatorDeps } from '../deps.ts';
import { endAssessed } from './end-assessments.ts';
import { transact } from '../transact.ts';

type Scanned = EventData<typeof pkgScanned>;

/** Ends assessments: the fact of the last stage carries the evidence of all stages. */
export function onEvidence(deps: AggregatorDeps) {
  return async (batch: Received<Scanned>[]): Promise<void> => {
    await transact(deps, 'on evidence', async (tx) => {
      const [fresh, assessments] = await claimAndLock(tx, 'aggregator/evidence', batch);
      const facts = new Map(
        batch.filter(({ event }) => fresh.has(event.id)).map(({ event: { data } }) => [keyOf(data), data]),
      );
      const complete: Assessment[] = [];
      const incomplete: Assessment[] = [];
      for (const assessment of assessments) {
        // A fact of an earlier attempt is late: its assessment was redriven, and the new attempt brings its own.
        const fact = facts.get(keyOf({ assessmentId: assessment.id, attempt: assessment.attempt }));
        if (!fact) continue;
        const evidence = wholeEvidence(fact.evidence);
        if (evidence) complete.push({ ...assessment, ...evidence });
        // An event of version 1, which has the last stage's evidence alone.
        else incomplete.push(assessment);
      }
      const now = deps.now();
      const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
      // Sent together.
      const [again, messages] = await Promise.all([
        redrive(tx, incomplete, now, deadline),
        endAssessed(tx, complete, deps),
      ]);
      await addToOutbox(tx, [...again, ...messages]);
    });
    if (batch.some(({ event }) => event.data.lane === 'bulk')) deps.wakeBulk();
  };
}

const keyOf = ({ assessmentId, attempt }: Pick<Scanned, 'assessmentId' | 'attempt'>) =>
  `${assessmentId} ${attempt}`;

/**
 * Claims events and locks their assessments that are still running, in one order everywhere. Both are sent together:
 * that the assessment of an event that was claimed before is locked as well does no harm.
 * @param further ids of other assessments that the transaction will come to, to be locked in the same order.
 * @returns the ids of the events that are new, and their assessments.
 */
export async function claimAndLock(
  tx: Tx,
  consumer: string,
  batch: Received<{ assessmentId: string }>[],
  further: string[] = [],
): Promise<[Set<string>, Assessment[]]> {
  const eventIds = batch.map(({ event }) => event.id);
  const own = new Set(batch.map(({ event }) => event.data.assessmentId));
  const ids = [...new Set([...own, ...further])];
  const [fresh, assessments] = await Promise.all([
    claimEvents(tx, consumer, eventIds),
    // By nothing but the key: asked for those that are running, Postgres looks through all that are, and were lately.
    tx<Assessment[]>`
      select ${tx.unsafe(assessmentColumns)} from assessments where id = any(${ids}::uuid[]) order by id for update`,
  ]);
  return [fresh, assessments.filter(({ id, state }) => own.has(id) && state === 'running')];
}
