import { addToOutbox, type OutboxMessage } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { Counter } from 'prom-client';
import { assessmentColumns, type Assessment } from '../assessments/assessment.ts';
import { decideAll, judgeAssessment, lockPackages, savePackages } from './decide-packages.ts';
import type { AggregatorDeps } from '../deps.ts';
import { saveVerdicts } from '../assessments/end-assessments.ts';
import { judgedAnewFact } from '../facts/package-facts.ts';
import { recordDecided } from './record-decided.ts';
import { transact } from '../transact.ts';

const wokenTotal = new Counter({
  name: 'sluice_packages_judged_anew_total',
  help: 'Package versions that were judged again because a decision or a cooldown ended.',
});

/** Rows looked at in one transaction; the rest is looked at right after. */
const batchMax = 500;
/** A decision that has ended holds no longer than this, for any interval of the reconciler. */
export const wakeEveryMaxMs = 15_000;

/**
 * Judges package versions again when a decision has reached its end or a cooldown is over. Recorded evidence counts;
 * nothing is fetched.
 * @returns how many were judged again.
 */
export async function wakePackages(deps: AggregatorDeps): Promise<number> {
  let woken = 0;
  for (;;) {
    const done = await transact(deps, 'wake packages', (tx) => wakeBatch(tx, deps));
    woken += done;
    wokenTotal.inc(done);
    if (done < batchMax) return woken;
  }
}

async function wakeBatch(tx: Tx, deps: AggregatorDeps): Promise<number> {
  const now = deps.now();
  const due = await tx<{ purl: string }[]>`
    select purl from packages where wake_at <= ${now} order by purl limit ${batchMax} for update skip locked`;
  if (due.length === 0) return 0;
  const purls = due.map(({ purl }) => purl);
  const packages = await lockPackages(tx, purls);
  const assessments = await tx<Assessment[]>`
    select ${tx.unsafe(assessmentColumns)} from assessments
    where id = any(select assessment_id from packages where purl = any(${purls}::text[])) order by purl`;
  const ended = assessments.map((assessment) => judgeAssessment(assessment, packages, deps.policy, now));
  const decided = decideAll(ended, packages, deps.policy, now);
  await saveVerdicts(tx, ended, null);
  await savePackages(tx, decided, null);
  const messages: OutboxMessage[] = [
    ...ended.map(({ assessment, verdict }) => judgedAnewFact(assessment, verdict, now)),
    ...(await recordDecided(tx, decided, now)),
  ];
  await addToOutbox(tx, messages);
  return due.length;
}
