import type { Bus } from '@sluice/broker';
import { addToOutbox, type OutboxMessage } from '@sluice/delivery';
import { columnsOf, type Tx } from '@sluice/postgres';
import { Counter } from 'prom-client';
import { assessmentColumns, type Assessment } from '../assessments/assessment.ts';
import { endFailed } from '../assessments/end-assessments.ts';
import type { AggregatorDeps } from '../deps.ts';
import { transact } from '../transact.ts';
import { readHeld } from './controls.ts';
import { brokerReads, findLate, streamState, type LateMark } from './late-work.ts';
import { parkedAssessments } from './parked.ts';
import { redrive } from './redrive.ts';
import { waitingInOutbox } from './waiting-in-outbox.ts';

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

/** How often in one deadline an assessment is looked at whose message may still wait: about once for each stage. */
const looksPerDeadline = 4;

type Late = Assessment & LateMark;

/** Reads the assessments whose message waits for any stage to be upgraded. */
type ReadParked = () => Promise<Set<string>>;

/**
 * Looks at every assessment that is past its deadline. A message that waits in the outbox or in a queue, or is in a
 * stage's hands, is not lost, however long the queue: the stage's own limits end it. Only an assessment whose message
 * is lost is sent through the stages again, and fails as stuck after as many runs as are allowed.
 * @returns how many were redriven and failed.
 */
export async function reconcile(
  bus: Bus,
  deps: AggregatorDeps,
): Promise<{ redriven: number; failed: number }> {
  let parked: Promise<Set<string>> | undefined;
  const readParked = () => (parked ??= parkedAssessments(bus));
  const total = { redriven: 0, failed: 0 };
  for (;;) {
    const done = await transact(deps, 'reconcile', (tx) => reconcileBatch(tx, bus, readParked, deps));
    total.redriven += done.redriven;
    total.failed += done.failed;
    redrivenTotal.inc(done.redriven);
    stuckTotal.inc(done.failed);
    if (done.seen < batchMax) return total;
  }
}

async function reconcileBatch(tx: Tx, bus: Bus, readParked: ReadParked, deps: AggregatorDeps) {
  const now = deps.now();
  const rows = await tx<Late[]>`
    select ${tx.unsafe(assessmentColumns)}, late_mark as "lateMark"
    from assessments where state = 'running' and deadline_at < ${now}
    order by id limit ${batchMax} for update skip locked`;
  const { waiting, lost } = await sortOut(tx, rows, bus, readParked);
  await saveMarks(tx, waiting, new Date(now.getTime() + deps.stageDeadlineMs / looksPerDeadline));
  const again = lost.filter(({ attempt }) => attempt < deps.attemptsMax);
  const stuck = lost.filter(({ attempt }) => attempt >= deps.attemptsMax);
  const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
  const messages: OutboxMessage[] = await redrive(tx, again, now, deadline);
  const failed = stuck.map((assessment) => ({
    assessment,
    failure: {
      stage: assessment.stage,
      code: 'stuck' as const,
      detail: `No progress in ${assessment.attempt} runs.`,
    },
  }));
  messages.push(...(await endFailed(tx, failed, deps, true)));
  await addToOutbox(tx, messages);
  if (lost.length > 0) deps.log.warn({ redriven: again.length, failed: stuck.length }, 'late assessments');
  return { seen: rows.length, redriven: again.length, failed: stuck.length };
}

type Waiting = LateMark & { id: string };

/** Tells late assessments whose message may still wait somewhere from those whose message is lost. */
async function sortOut(
  tx: Tx,
  rows: Late[],
  bus: Bus,
  readParked: ReadParked,
): Promise<{ waiting: Waiting[]; lost: Late[] }> {
  const held = await readHeld(tx);
  const unpublished = await waitingInOutbox(
    tx,
    rows.filter(({ lateMark }) => lateMark === null),
  );
  // Not before the outbox was read: a message that waits there is behind the stream's end.
  const stream = streamState(brokerReads(bus));
  const waiting: Waiting[] = [];
  const lost: Late[] = [];
  for (const row of rows) {
    const found = unpublished.has(row.id) ? row : await findLate(row, stream, held);
    if (found) waiting.push({ id: row.id, stage: found.stage, lateMark: found.lateMark });
    else if ((await readParked()).has(row.id)) waiting.push(row);
    else lost.push(row);
  }
  return { waiting, lost };
}

/** Notes where to look for the messages of late assessments another time. */
async function saveMarks(tx: Tx, waiting: Waiting[], deadline: Date): Promise<void> {
  const column = columnsOf(tx, waiting);
  await tx`
    update assessments set stage = e.stage, late_mark = e.mark, deadline_at = ${deadline}
    from unnest(
      ${column(({ id }) => id)}::uuid[], ${column(({ stage }) => stage)},
      ${column(({ lateMark }) => lateMark)}::bigint[]) as e (id, stage, mark)
    where assessments.id = e.id`;
}
