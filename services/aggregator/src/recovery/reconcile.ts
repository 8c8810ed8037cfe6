import { pipelineStage, stageNames, type Lane, type StageName } from '@sluice/contracts';
import { consumerState, type Bus } from '@sluice/broker';
import { noticeLostMessages, noticeLostStream, addToOutbox, type OutboxMessage } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { stageDurable } from '@sluice/stages';
import { Counter } from 'prom-client';
import { assessmentColumns, type Assessment } from '../assessments/assessment.ts';
import { mayBeHeld, readHeld } from './controls.ts';
import type { AggregatorDeps } from '../deps.ts';
import { endFailed } from '../assessments/end-assessments.ts';
import { waitingInOutbox } from './request-positions.ts';
import { parkedAssessments } from './parked.ts';
import { redrive } from './redrive.ts';
import { transact } from '../transact.ts';

/** Where a stage's consumer stands in the stream. */
export interface StagePosition {
  /** Everything up to here was delivered at least once. */
  delivered: number;
  /** Everything up to here was settled. */
  settled: number;
}

export type LateFate = 'wait' | 'redrive' | 'fail';

export interface LateAssessment {
  attempt: number;
  /** Stream position of the fact that the awaited stage, or one after it, consumes; null when unknown. */
  triggerSequence: number | null;
  /** Whether the request for work is not published yet. */
  waitsInOutbox: boolean;
}

/**
 * The fate of an assessment that is past its deadline. Pure. A message that still waits in the outbox or in its
 * queue, or is in a stage's hands, is not lost, however long the queue: the stage's own limits end it. Only when the
 * broker says that the message was settled, or does not know it, and no fact came of it, is it driven through the
 * stages again.
 */
export function lateFate(
  { attempt, triggerSequence, waitsInOutbox }: LateAssessment,
  position: StagePosition | null,
  attemptsMax: number,
): LateFate {
  const inTheQueue = position !== null && triggerSequence !== null && triggerSequence > position.settled;
  if (inTheQueue || waitsInOutbox) return 'wait';
  return attempt >= attemptsMax ? 'fail' : 'redrive';
}

const redrivenTotal = new Counter({
  name: 'sluice_assessments_redriven_total',
  help: 'Assessments that made no progress and were sent through the stages again.',
});
const stuckTotal = new Counter({
  name: 'sluice_assessments_stuck_total',
  help: 'Assessments that made no progress in as many runs as are allowed, and were failed.',
});

/** Rows looked at in one transaction; the rest is looked at right after. */
const batchMax = 500;

/** Looks at every assessment that is past its deadline. @returns how many were redriven and failed. */
export async function reconcile(
  bus: Bus,
  deps: AggregatorDeps,
): Promise<{ redriven: number; failed: number }> {
  // Positions that this process knows are written first, so that the rows have them.
  await deps.positions.flush();
  const positions = new PositionCache(bus);
  const total = { redriven: 0, failed: 0 };
  for (;;) {
    const done = await transact(deps, 'reconcile', (tx) => reconcileBatch(tx, positions, deps));
    total.redriven += done.redriven;
    total.failed += done.failed;
    redrivenTotal.inc(done.redriven);
    stuckTotal.inc(done.failed);
    if (done.seen < batchMax) return total;
  }
}

async function reconcileBatch(tx: Tx, positions: PositionCache, deps: AggregatorDeps) {
  const now = deps.now();
  const rows = await tx<(Assessment & { triggerSequence: number | null })[]>`
    select ${tx.unsafe(assessmentColumns)},
      case when stage = ${stageNames[0]} then requested_sequence else trigger_sequence end as "triggerSequence"
    from assessments where state = 'running' and deadline_at < ${now}
    order by id limit ${batchMax} for update skip locked`;
  const byFate: Record<LateFate, Assessment[]> = { wait: [], redrive: [], fail: [] };
  const held = await readHeld(tx);
  const unpublished = await waitingInOutbox(
    tx,
    rows.filter((row) => row.triggerSequence === null),
  );
  for (const row of rows) {
    const position = await positions.of(row.stage, row.lane);
    const isHeld = mayBeHeld(row.stage, position !== null, held);
    const late = { ...row, waitsInOutbox: unpublished.has(row.id) };
    const fate = isHeld ? 'wait' : lateFate(late, position, deps.attemptsMax);
    const isParked = fate !== 'wait' && (await positions.parked(row.stage)).has(row.id);
    byFate[isParked ? 'wait' : fate].push(row);
  }
  const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
  await tx`
    update assessments set deadline_at = ${deadline}
    where id = any(${byFate.wait.map((row) => row.id)}::uuid[])`;
  const messages: OutboxMessage[] = await redrive(tx, byFate.redrive, now, deadline);
  const failed = byFate.fail.map((assessment) => ({
    assessment,
    failure: {
      stage: assessment.stage,
      code: 'stuck' as const,
      detail: `No progress in ${assessment.attempt} runs.`,
    },
  }));
  messages.push(...(await endFailed(tx, failed, deps, true)));
  await addToOutbox(tx, messages);
  if (byFate.redrive.length + failed.length > 0) {
    deps.log.warn({ redriven: byFate.redrive.length, failed: failed.length }, 'late assessments');
  }
  return { seen: rows.length, redriven: byFate.redrive.length, failed: failed.length };
}

/**
 * When the broker lost data, or messages before their consumers had settled them, it is unknown which messages of which
 * assessment went with it: all that run are sent through the stages again at once. That is no fault of theirs, so the
 * cap on attempts does not end any.
 * @returns how many were redriven.
 */
export async function redriveAfterLoss(bus: Bus, deps: AggregatorDeps): Promise<number> {
  let redriven = 0;
  const redriveAll = async (tx: Tx) => {
    const now = deps.now();
    const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
    const rows = await tx<Assessment[]>`
      select ${tx.unsafe(assessmentColumns)} from assessments where state = 'running' order by id for update`;
    await addToOutbox(tx, await redrive(tx, rows, now, deadline));
    redriven = rows.length;
  };
  const streamLost = await noticeLostStream(bus, deps.sql, 'reconciler', redriveAll);
  const messagesLost = await noticeLostMessages(bus, deps.sql, 'reconciler settled', redriveAll);
  if (!streamLost && !messagesLost) return 0;
  deps.log.error({ redriven }, 'the broker lost data; everything that was in flight is redriven');
  deps.published();
  return redriven;
}

/**
 * A message that the broker lost, or gave up because of a limit set by hand, keeps the floor below it for ever. When
 * nothing waits and nothing is in work, everything that was delivered is settled.
 */
function positionOf(info: NonNullable<Awaited<ReturnType<typeof consumerState>>>): StagePosition {
  const delivered = info.delivered.stream_seq;
  const isIdle = info.num_pending === 0 && info.num_ack_pending === 0;
  return { delivered, settled: isIdle ? delivered : info.ack_floor.stream_seq };
}

/** Asks the broker once per consumer and run. */
class PositionCache {
  readonly #bus: Bus;
  readonly #known = new Map<string, Promise<StagePosition | null>>();
  readonly #parked = new Map<StageName, Promise<Set<string>>>();

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Assessments that wait for the stage to be upgraded. */
  parked(stage: StageName): Promise<Set<string>> {
    let parked = this.#parked.get(stage);
    if (!parked)
      this.#parked.set(stage, (parked = parkedAssessments(this.#bus, pipelineStage(stage).service)));
    return parked;
  }

  of(stage: StageName, lane: Lane): Promise<StagePosition | null> {
    const durable = stageDurable(pipelineStage(stage).service, lane);
    let position = this.#known.get(durable);
    if (!position) {
      position = consumerState(this.#bus, durable).then((info) => info && positionOf(info));
      this.#known.set(durable, position);
    }
    return position;
  }
}
