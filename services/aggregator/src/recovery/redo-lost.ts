import { knownCode, type EventData, type pkgAttemptFailed } from '@sluice/contracts';
import { addToOutbox } from '@sluice/delivery';
import { Counter } from 'prom-client';
import { assessmentColumns, type Assessment } from '../assessments/assessment.ts';
import type { AggregatorDeps } from '../deps.ts';
import { endFailed } from '../assessments/end-assessments.ts';
import { redrive } from './redrive.ts';
import { transact } from '../transact.ts';

type AttemptFailed = EventData<typeof pkgAttemptFailed>;

const redoneTotal = new Counter({
  name: 'sluice_assessments_redone_total',
  help: 'Assessments whose stored bytes were lost and that were sent through the stages again.',
});

/**
 * Sends assessments through the stages again whose stage found stored bytes missing or damaged: each stage stores again
 * lost bytes, and bytes that are still stored cost a lookup. As often as assessments may run; then they fail.
 * Harmless to repeat, since the attempt of the fact is over afterwards.
 */
export async function redoLost(facts: AttemptFailed[], deps: AggregatorDeps): Promise<void> {
  if (facts.length === 0) return;
  const byId = new Map(facts.map((fact) => [fact.assessmentId, fact]));
  const redone = await transact(deps, 'redo lost', async (tx) => {
    const rows = await tx<Assessment[]>`
      select ${tx.unsafe(assessmentColumns)} from assessments where id = any(${[...byId.keys()]}::uuid[]) order by id for update`;
    const current = rows.filter(
      ({ id, state, attempt }) => state === 'running' && attempt === byId.get(id)!.attempt,
    );
    const again = current.filter(({ attempt }) => attempt < deps.attemptsMax);
    const failed = current
      .filter(({ attempt }) => attempt >= deps.attemptsMax)
      .map((assessment) => {
        const { stage, code, detail } = byId.get(assessment.id)!;
        return { assessment, failure: { stage, code: knownCode(code), detail } };
      });
    const now = deps.now();
    const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
    await addToOutbox(tx, [
      ...(await redrive(tx, again, now, deadline)),
      ...(await endFailed(tx, failed, deps, true)),
    ]);
    return again;
  });
  redoneTotal.inc(redone.length);
  for (const { id, purl } of redone) {
    const { code, detail } = byId.get(id)!;
    deps.log.warn({ purl, assessmentId: id, code, detail }, 'stored bytes were lost; the stages run again');
  }
}
