import { stageNames, type StageName } from '@sluice/contracts';
import type { Received } from '@sluice/messaging';
import { addToOutbox, claimEvents, type Tx } from '@sluice/postgres';
import { assessmentColumns, awaitedStage, type Assessment } from './assessment.ts';
import type { AggregatorDeps } from './deps.ts';
import { endAssessed } from './end-assessments.ts';
import { transact } from './transact.ts';

interface StageFact {
  assessmentId: string;
  attempt: number;
}

/**
 * Handles the facts of one stage: its evidence joins the assessment, and the last one in ends it. The stages' facts
 * come through consumers of their own, so they may come in any order.
 * @param evidenceOf takes the stage's evidence out of its fact.
 */
export function onEvidence<Data extends StageFact>(
  stage: StageName,
  deps: AggregatorDeps,
  evidenceOf: (data: Data) => unknown,
) {
  return (batch: Received<Data>[]): Promise<void> =>
    transact(deps, `on ${stage} evidence`, async (tx) => {
      const fresh = await claimEvents(
        tx,
        `aggregator/${stage}`,
        batch.map(({ event }) => event.id),
      );
      const facts = new Map(
        batch
          .filter(({ event }) => fresh.has(event.id))
          .map((received) => [received.event.data.assessmentId, received]),
      );
      const assessments = await lockRunning(tx, [...facts.keys()]);
      // A fact of an earlier attempt is late: its assessment was redriven, and the new attempt brings its own.
      const current = assessments.filter((row) => row.attempt === facts.get(row.id)!.event.data.attempt);
      for (const assessment of current) {
        Object.assign(assessment, { [stage]: evidenceOf(facts.get(assessment.id)!.event.data) });
      }
      await saveEvidence(tx, stage, current, (id) => facts.get(id)!.sequence, deps);
      const complete = current.filter((assessment) => awaitedStage(assessment) === null);
      await addToOutbox(tx, await endAssessed(tx, complete, deps));
    });
}

/** Locks the assessments that are still running, in one order everywhere. */
export function lockRunning(tx: Tx, ids: string[]): Promise<Assessment[]> {
  return tx<Assessment[]>`
    select ${tx.unsafe(assessmentColumns)} from assessments
    where id = any(${ids}::uuid[]) and state = 'running' order by id for update`;
}

/**
 * Whether a stage's fact is what the awaited stage, or one after it, works on. A fact that came although an earlier one
 * is missing must not pass for it: the position is compared with the awaited stage's.
 */
function triggers(stage: StageName, awaited: StageName | null): boolean {
  const next = stageNames.indexOf(stage) + 1;
  return next < stageNames.length && (awaited === null || next >= stageNames.indexOf(awaited));
}

async function saveEvidence(
  tx: Tx,
  stage: StageName,
  assessments: Assessment[],
  sequenceOf: (id: string) => number,
  { now, stageDeadlineMs }: AggregatorDeps,
): Promise<void> {
  if (assessments.length === 0) return;
  await tx`
    update assessments set ${tx(stage)} = e.evidence::jsonb, stage = e.awaited,
      trigger_sequence = coalesce(e.sequence, trigger_sequence),
      deadline_at = ${new Date(now().getTime() + stageDeadlineMs)}
    from unnest(
      ${assessments.map((assessment) => assessment.id)}::uuid[],
      ${assessments.map((assessment) => JSON.stringify(assessment[stage]))}::text[],
      ${assessments.map((assessment) => awaitedStage(assessment) ?? stage)}::text[],
      ${assessments.map((assessment) => (triggers(stage, awaitedStage(assessment)) ? sequenceOf(assessment.id) : null))}::bigint[])
      as e (id, evidence, awaited, sequence)
    where assessments.id = e.id`;
}
