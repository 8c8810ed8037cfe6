import {
  verdictSchema,
  type Decision,
  type ListStandingsInput,
  type ListStandingsOutput,
  type Standing,
} from '@sluice/contracts';
import { asTransient } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';
import { hasEnded } from '../packages/decide.ts';
import { releaseOf, type Released } from '../packages/release-of.ts';

/** Some megabytes of evidence are in memory for a page, and it takes a fraction of a second. */
const pageMax = 5_000;

interface Row extends Omit<Released, 'requestedAt'> {
  purl: string;
  scope: string;
  decision: Decision | null;
  /** Of the assessment that the decision is about, which may be older than the newest. */
  requestedAt: Date | null;
  verdict: unknown;
}

/**
 * How each package version stands in each scope, by purl and scope. The list is put into the artifact store, since a
 * message of the broker has a megabyte at most.
 */
export async function listStandings(
  { after }: ListStandingsInput,
  { sql, artifacts, now }: Pick<AggregatorDeps, 'sql' | 'artifacts' | 'now'>,
): Promise<ListStandingsOutput> {
  const rows = await readPage(sql, after).catch((error: unknown) => {
    throw asTransient(error);
  });
  const at = now();
  const lines = rows.map((row) => JSON.stringify(standingOf(row, at)) + '\n');
  const { digest } = await artifacts.put(Buffer.from(lines.join('')));
  const last = rows.length < pageMax ? undefined : rows.at(-1);
  return { digest, count: rows.length, next: last ? { purl: last.purl, scope: last.scope } : null };
}

function readPage(sql: AggregatorDeps['sql'], after: ListStandingsInput['after']): Promise<Row[]> {
  return sql<Row[]>`
    select p.purl, p.scope, p.decision, a.registry, a.download, a.requested_at as "requestedAt", v.verdict
    from packages p
      left join decisions d on d.purl = p.purl and d.scope = p.scope and d.sequence = p.decision_sequence
      left join assessments a on a.id = d.assessment_id
      left join verdicts v on v.assessment_id = p.assessment_id and v.scope = p.scope
    where ${after ? sql`(p.purl, p.scope) > (${after.purl}, ${after.scope})` : sql`true`}
    order by p.purl, p.scope limit ${pageMax}`;
}

function standingOf(
  { purl, scope, decision, requestedAt, verdict: stored, ...evidence }: Row,
  now: Date,
): Standing {
  const holds = decision && !hasEnded(decision, now) ? decision : null;
  const verdict = stored === null ? null : verdictSchema.parse(stored);
  return {
    purl,
    scope,
    decision,
    release: holds && requestedAt ? releaseOf({ ...evidence, requestedAt }, holds) : null,
    verdict: verdict && {
      outcome: verdict.outcome,
      codes: [
        ...new Set(
          verdict.reasons.filter(({ outcome }) => outcome === verdict.outcome).map(({ code }) => code),
        ),
      ],
    },
  };
}
