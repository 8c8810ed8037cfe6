import type { OutboxMessage } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { assessmentColumns, type Assessment } from '../assessments/assessment.ts';
import type { AggregatorDeps } from '../deps.ts';
import { assessedFact } from '../facts/package-facts.ts';
import { decideAll, type Decided, type PackageRow } from './decide-packages.ts';
import { judgeFound } from './judge-found.ts';
import { saveDecided } from './save-decided.ts';

/** An assessment that a scope may be judged by. */
interface Recorded extends Assessment {
  endedAt: Date;
  lacksAdvisories: boolean;
}

/** SQL: an assessment `a` had no advisories to be compared with, and now there are some. */
export function lacksAdvisories(tx: Tx) {
  return tx`(a.scan -> 'advisories' ->> 'status' = 'missing' and exists (
    select from advisory_sets s where s.record_count > 0 and a.purl like 'pkg:' || s.ecosystem || '/%'))`;
}

/** The oldest end of an assessment that still answers for requests of a scope; null for a scope that is not known. */
export function freshSince(
  scope: string,
  { scopes, now }: Pick<AggregatorDeps, 'scopes' | 'now'>,
): Date | null {
  const policy = scopes.get(scope);
  return policy ? new Date(now().getTime() - policy.assessment.freshHours * 3_600_000) : null;
}

/**
 * Judges package versions in scopes that have no verdict on them, by what another scope had assessed: no stage works
 * again.
 * @param wanted rows without an assessment.
 * @param locked rows of the same package versions in all scopes.
 * @param age `fresh` leaves out evidence that is too old to answer for requests of the scope.
 */
export async function judgeRecorded(
  tx: Tx,
  wanted: PackageRow[],
  locked: PackageRow[],
  deps: AggregatorDeps,
  age: 'fresh' | 'any',
): Promise<{ decided: Decided[]; messages: OutboxMessage[] }> {
  const purls = new Set(wanted.map(({ purl }) => purl));
  const ids = locked.flatMap(({ purl, assessmentId }) =>
    assessmentId && purls.has(purl) ? [assessmentId] : [],
  );
  if (ids.length === 0) return { decided: [], messages: [] };
  const assessments = await tx<Recorded[]>`
    select ${tx.unsafe(assessmentColumns)}, ended_at as "endedAt", ${lacksAdvisories(tx)} as "lacksAdvisories"
    from assessments a where id = any(${[...new Set(ids)]}::uuid[]) order by ended_at`;
  // The last one of a purl is the newest.
  const newest = new Map(assessments.map((assessment) => [assessment.purl, assessment]));
  const now = deps.now();
  const found = wanted.flatMap((row) => {
    const assessment = newest.get(row.purl);
    if (!assessment) return [];
    const since = freshSince(row.scope, deps);
    const isFresh = since !== null && assessment.endedAt > since && !assessment.lacksAdvisories;
    return isFresh || age === 'any' ? [{ row, assessment }] : [];
  });
  const decided = decideAll(await judgeFound(tx, found, deps.scopes, now), now);
  const facts = await saveDecided(tx, decided, now);
  const assessed = decided.map(({ assessment, row, verdict }) =>
    assessedFact(assessment, row.scope, verdict, now),
  );
  return { decided, messages: [...assessed, ...facts] };
}
