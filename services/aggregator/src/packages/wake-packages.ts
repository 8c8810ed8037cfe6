import { addToOutbox, type OutboxMessage } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { Counter } from 'prom-client';
import { assessmentColumns, type Assessment } from '../assessments/assessment.ts';
import { decideAll, readLocked } from './decide-packages.ts';
import type { AggregatorDeps } from '../deps.ts';
import { judgedAnewFact } from '../facts/package-facts.ts';
import { judgeFound } from './judge-found.ts';
import { saveDecided } from './save-decided.ts';
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
 * Judges package versions again, in the scope in which a decision has reached its end or a cooldown is over. Recorded
 * evidence counts; nothing is fetched.
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
  // A scope that is not configured any more has no policy to judge by.
  const locked = await tx<{ purl: string; scope: string }[]>`
    select purl, scope from packages
    where wake_at <= ${now} and scope = any(${[...deps.scopes.keys()]}::text[])
    order by purl, scope limit ${batchMax} for update skip locked`;
  if (locked.length === 0) return 0;
  const due = await readLocked(tx, locked);
  const rows = await tx<Assessment[]>`
    select ${tx.unsafe(assessmentColumns)} from assessments
    where id = any(${due.map(({ assessmentId }) => assessmentId)}::uuid[])`;
  const assessments = new Map(rows.map((row) => [row.id, row]));
  const found = due.flatMap((row) => {
    const assessment = row.assessmentId === null ? undefined : assessments.get(row.assessmentId);
    return assessment ? [{ row, assessment }] : [];
  });
  const decided = decideAll(await judgeFound(tx, found, deps.scopes, now), now);
  const messages: OutboxMessage[] = [
    ...decided.map(({ assessment, row, verdict }) => judgedAnewFact(assessment, row.scope, verdict, now)),
    ...(await saveDecided(tx, decided, now)),
  ];
  await addToOutbox(tx, messages);
  return due.length;
}
