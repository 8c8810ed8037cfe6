import type { PackageDetail, PackageSummary } from '@sluice/api';
import type { Lane } from '@sluice/contracts';
import type { Sql } from '@sluice/postgres';
import { datesAsText, type Dated } from './dated.ts';
import { withDecisionNow } from './decision-now.ts';

type SummaryRow = Dated<PackageSummary, 'requestedAt' | 'endedAt'>;

/** A package version, but for its history and its place in the queue. */
export type FoundPackage = Omit<PackageDetail, 'queuePosition' | 'failedTries' | 'timeline' | 'lane'> & {
  lane: Lane;
  stagePosition: number | null;
};
type Row = Dated<FoundPackage, 'requestedAt' | 'endedAt'>;

const summary = `p.purl, p.state, p.stage, s.outcome, s.decision, p.attempt, p.requested_at as "requestedAt",
  p.ended_at as "endedAt", p.trace_id as "traceId", coalesce(s.verdict -> 'reasons', '[]') as reasons`;

export interface PackageFilter {
  scope: string;
  outcome?: string | undefined;
  state?: string | undefined;
  decision?: string | undefined;
  limit: number;
  afterPurl: string | null;
}

/** In the order of their purls. */
export async function listPackages(
  read: Sql,
  { scope, outcome, state, decision, limit, afterPurl }: PackageFilter,
): Promise<PackageSummary[]> {
  // Without these filters, package versions that have no standing in the scope are listed as well.
  const isStanding = outcome !== undefined || decision !== undefined;
  const purl = isStanding ? read`s.purl` : read`p.purl`;
  const rows = await read<SummaryRow[]>`
    select ${read.unsafe(summary)}, ${scope} as scope
    from ${isStanding ? withRun(read) : withStanding(read, scope)}
    where ${isStanding ? read`s.scope = ${scope}` : read`true`}
      ${outcome === undefined ? read`` : read`and s.outcome = ${outcome}`}
      ${state === undefined ? read`` : read`and p.state = ${state}`}
      ${withDecision(read, decision)}
      ${afterPurl === null ? read`` : read`and ${purl} > ${afterPurl}`}
    order by ${purl} limit ${limit}`;
  return rows.map((row) => datesAsText(withDecisionNow(row)));
}

// Row by row: joined, the planner may read a whole table to merge the two.

function withRun(read: Sql) {
  return read`package_scopes s cross join lateral (select * from packages where purl = s.purl limit 1) as p`;
}

function withStanding(read: Sql, scope: string) {
  return read`packages p left join lateral (
    select * from package_scopes where scope = ${scope} and purl = p.purl limit 1) as s on true`;
}

function withDecision(read: Sql, decision: PackageFilter['decision']) {
  switch (decision) {
    case undefined:
      return read``;
    case 'none':
      return read`and s.decision_state is null`;
    case 'ended':
      return read`and s.decision_state is null and s.decision is not null`;
    default:
      return read`and s.decision_state = ${decision} and coalesce((s.decision ->> 'until')::timestamptz > now(), true)`;
  }
}

export async function findPackage(read: Sql, purl: string, scope: string): Promise<FoundPackage | undefined> {
  const [row] = await read<Row[]>`
    select ${read.unsafe(summary)}, ${scope} as scope, p.assessment_id as "assessmentId", p.lane,
      p.stage_position as "stagePosition", s.verdict, p.failure,
      p.last_error as "lastError", e.registry, e.license, e.download, e.scan
    from packages p left join package_scopes s on s.purl = p.purl and s.scope = ${scope}
      left join package_evidence e on e.purl = p.purl
    where p.purl = ${purl}`;
  return row && datesAsText(withDecisionNow(row));
}
