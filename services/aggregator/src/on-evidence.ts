import {
  nextStage,
  stageEmitting,
  stageNames,
  type pkgDownloaded,
  type pkgLicensed,
  type pkgScanned,
  type EventData,
  type StageName,
} from '@sluice/contracts';
import { addToOutbox, claimEvents, type Received } from '@sluice/delivery';
import { columnsOf, type Tx } from '@sluice/postgres';
import { assessmentColumns, awaitedStage, type Assessment } from './assessment.ts';
import type { AggregatorDeps } from './deps.ts';
import { endAssessed } from './end-assessments.ts';
import { transact } from './transact.ts';

/** Every fact that brings evidence. */
export type EvidenceFact = EventData<typeof pkgLicensed | typeof pkgDownloaded | typeof pkgScanned>;

type Fact = Received<EvidenceFact> & { stage: StageName };

/**
 * Handles the facts of all stages: their evidence joins the assessment, and the last one in ends it. They come through
 * consumers of their own, so they may come in any order; those of one assessment that come together are one write.
 */
export function onEvidence(deps: AggregatorDeps) {
  return (batch: Received<EvidenceFact>[]): Promise<void> =>
    transact(deps, 'on evidence', async (tx) => {
      const [fresh, assessments] = await claimAndLock(tx, 'aggregator/evidence', batch);
      const facts = byAssessment(batch.filter(({ event }) => fresh.has(event.id)));
      const changed: Changed[] = [];
      for (const assessment of assessments) {
        // A fact of an earlier attempt is late: its assessment was redriven, and the new attempt brings its own.
        const current = (facts.get(assessment.id) ?? []).filter(
          ({ event }) => event.data.attempt === assessment.attempt,
        );
        for (const { stage, event } of current) {
          Object.assign(assessment, { [stage]: (event.data as Partial<Record<StageName, unknown>>)[stage] });
        }
        if (current.length > 0) changed.push({ assessment, sequence: triggerOf(current, assessment) });
      }
      const isComplete = ({ assessment }: Changed) => awaitedStage(assessment) === null;
      const incomplete = changed.filter((row) => !isComplete(row));
      const complete = changed.filter(isComplete).map(({ assessment }) => assessment);
      // Sent together. Incomplete assessments go first: when they cannot be saved, the ending fails with them.
      const [, messages] = await Promise.all([
        saveEvidence(tx, incomplete, deps),
        endAssessed(tx, complete, deps),
      ]);
      await addToOutbox(tx, messages);
      deps.positions.takenUp(facts.keys());
    });
}

function byAssessment(batch: Received<EvidenceFact>[]): Map<string, Fact[]> {
  const facts = new Map<string, Fact[]>();
  for (const received of batch) {
    const { type, data } = received.event;
    const fact = { ...received, stage: stageEmitting(type)! };
    facts.set(data.assessmentId, [...(facts.get(data.assessmentId) ?? []), fact]);
  }
  return facts;
}

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

interface Changed {
  assessment: Assessment;
  /** Position of the fact that the awaited stage works on; null when none of these is. */
  sequence: number | null;
}

/**
 * Position of the newest fact that the awaited stage, or one after it, consumes. A fact of an earlier stage that is
 * late does not count: the position is compared with the awaited stage's.
 */
function triggerOf(facts: Fact[], assessment: Assessment): number | null {
  const awaited = awaitedStage(assessment);
  const triggers = facts.filter(({ stage }) => {
    const next = nextStage(stage);
    return next !== null && (awaited === null || stageNames.indexOf(next) >= stageNames.indexOf(awaited));
  });
  return triggers.length === 0 ? null : Math.max(...triggers.map(({ sequence }) => sequence));
}

/** Saves the evidence of assessments that wait for more; `endAssessed` saves the others. */
async function saveEvidence(
  tx: Tx,
  changed: Changed[],
  { now, stageDeadlineMs }: AggregatorDeps,
): Promise<void> {
  if (changed.length === 0) return;
  const column = columnsOf(tx, changed);
  await tx`
    update assessments set license = e.license::json, download = e.download::json, scan = e.scan::json, stage = e.awaited,
      trigger_sequence = coalesce(e.sequence, trigger_sequence),
      deadline_at = ${new Date(now().getTime() + stageDeadlineMs)}
    from unnest(
      ${column(({ assessment }) => assessment.id)}::uuid[],
      ${column(({ assessment }) => assessment.license)}, ${column(({ assessment }) => assessment.download)},
      ${column(({ assessment }) => assessment.scan)}, ${column(({ assessment }) => awaitedStage(assessment))},
      ${column(({ sequence }) => sequence)}::bigint[])
      as e (id, license, download, scan, awaited, sequence)
    where assessments.id = e.id`;
}
