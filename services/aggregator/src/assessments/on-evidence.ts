import {
  nextStage,
  stageEmitting,
  stageNames,
  wholeEvidence,
  type pkgDownloaded,
  type pkgLicensed,
  type pkgScanned,
  type EventData,
  type StageName,
} from '@sluice/contracts';
import { addToOutbox, claimEvents, type Received } from '@sluice/delivery';
import { columnsOf, type Tx } from '@sluice/postgres';
import { assessmentColumns, type Assessment } from './assessment.ts';
import type { AggregatorDeps } from '../deps.ts';
import { endAssessed } from './end-assessments.ts';
import { redrive } from '../recovery/redrive.ts';
import { transact } from '../transact.ts';

/** Every fact that brings evidence. */
export type EvidenceFact = EventData<typeof pkgLicensed | typeof pkgDownloaded | typeof pkgScanned>;

type Fact = Received<EvidenceFact> & { stage: StageName };

/**
 * Handles the facts of all stages. The last one has all evidence and ends the assessment; those before say that its work
 * goes on. They come through consumers of their own, so they may come in any order.
 */
export function onEvidence(deps: AggregatorDeps) {
  return async (batch: Received<EvidenceFact>[]): Promise<void> => {
    await transact(deps, 'on evidence', async (tx) => {
      const [fresh, assessments] = await claimAndLock(tx, 'aggregator/evidence', batch);
      const facts = byAssessment(batch.filter(({ event }) => fresh.has(event.id)));
      const advanced: Advanced[] = [];
      const complete: Assessment[] = [];
      const incomplete: Assessment[] = [];
      for (const assessment of assessments) {
        // A fact of an earlier attempt is late: its assessment was redriven, and the new attempt brings its own.
        const newest = newestOf(
          (facts.get(assessment.id) ?? []).filter(({ event }) => event.data.attempt === assessment.attempt),
        );
        if (!newest) continue;
        const awaited = nextStage(newest.stage);
        if (awaited === null) {
          const evidence = wholeEvidence(newest.event.data.evidence);
          if (evidence) complete.push({ ...assessment, ...evidence });
          // An event of version 1, which has the last stage's evidence alone.
          else incomplete.push(assessment);
        } else if (stageNames.indexOf(awaited) >= stageNames.indexOf(assessment.stage))
          advanced.push({ id: assessment.id, awaited, sequence: newest.sequence });
      }
      const now = deps.now();
      const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
      // Sent together. Those under way go first: when they cannot be saved, the ending fails with them.
      const [, again, messages] = await Promise.all([
        saveAdvanced(tx, advanced, deadline),
        redrive(tx, incomplete, now, deadline),
        endAssessed(tx, complete, deps),
      ]);
      await addToOutbox(tx, [...again, ...messages]);
      deps.positions.takenUp(facts.keys());
    });
    const endsBulk = ({ event: { type, data } }: Received<EvidenceFact>) =>
      data.lane === 'bulk' && nextStage(stageEmitting(type)!) === null;
    if (batch.some(endsBulk)) deps.wakeBulk();
  };
}

/** The fact of the latest stage; of one stage, the latest in the stream. */
function newestOf(facts: Fact[]): Fact | undefined {
  const placeOf = ({ stage }: Fact) => stageNames.indexOf(stage);
  return facts.toSorted((a, b) => placeOf(a) - placeOf(b) || a.sequence - b.sequence).at(-1);
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

interface Advanced {
  id: string;
  awaited: StageName;
  /** Position of the fact that the awaited stage consumes. */
  sequence: number;
}

/** Notes the stages that assessments wait for now. */
async function saveAdvanced(tx: Tx, advanced: Advanced[], deadline: Date): Promise<void> {
  if (advanced.length === 0) return;
  const column = columnsOf(tx, advanced);
  await tx`
    update assessments set stage = e.awaited, trigger_sequence = e.sequence, deadline_at = ${deadline}
    from unnest(
      ${column(({ id }) => id)}::uuid[], ${column(({ awaited }) => awaited)},
      ${column(({ sequence }) => sequence)}::bigint[]) as e (id, awaited, sequence)
    where assessments.id = e.id`;
}
