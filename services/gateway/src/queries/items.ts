import type { Item, itemStates } from '@sluice/api';
import type { Lane, StageName } from '@sluice/contracts';
import type { Sql } from '@sluice/postgres';
import { datesAsText, type Dated } from './dated.ts';
import { withDecisionNow } from './decision-now.ts';

/** One item of a request with the state of its package version, but for its place in the queue. */
export type FoundItem = Omit<Item, 'queuePosition'> & ItemStage;
type Row = Dated<FoundItem, 'endedAt'>;

/** Where an item waits, to find its place in the queue. */
export interface ItemStage {
  stage: StageName | null;
  stageLane: Lane | null;
  stagePosition: number | null;
}

export interface ItemFilter {
  outcome?: string | undefined;
  state?: 'open' | (typeof itemStates)[number] | undefined;
  limit: number;
  afterOrdinal: number | null;
}

/**
 * In the order of the submitted file.
 * @param scope of the request.
 */
export async function listItems(
  read: Sql,
  requestId: string,
  scope: string,
  { outcome, state, limit, afterOrdinal }: ItemFilter,
): Promise<FoundItem[]> {
  const rows = await read<Row[]>`
    select i.ordinal, i.purl, i.name, i.version, i.pins, i.paths, i.path_count as "pathCount",
      (i.flags ->> 'dev')::bool as dev, (i.flags ->> 'optional')::bool as optional, (i.flags ->> 'bundled')::bool as bundled,
      (i.flags ->> 'direct')::bool as direct, i.platforms, i.notes, i.unassessable,
      case when i.outcome is not null then 'ended' else ${openState(read)} end as state, i.outcome,
      case when i.unassessable is not null then '[]'::jsonb
        else coalesce(i.reasons, '[]') || coalesce((s.verdict -> 'reasons')::jsonb, '[]') end as reasons,
      coalesce(i.reasons, '[]') as "ownReasons", i.follows,
      case when i.outcome = 'failed' then p.failure end as failure, s.decision, p.attempt,
      case when i.outcome is null then p.last_error end as "lastError",
      case when i.outcome is null then p.stage end as stage, p.lane as "stageLane", p.stage_position as "stagePosition",
      coalesce(i.assessment_id, p.assessment_id) as "assessmentId", p.trace_id as "traceId", i.ended_at as "endedAt"
    from request_items i left join packages p on p.purl = coalesce(i.follows, i.purl)
      left join package_scopes s on s.scope = ${scope} and s.purl = p.purl
    where i.request_id = ${requestId}
      ${outcome === undefined ? read`` : read`and i.outcome = ${outcome}`}
      ${withState(read, state)}
      ${afterOrdinal === null ? read`` : read`and i.ordinal > ${afterOrdinal}`}
    order by i.ordinal limit ${limit}`;
  return rows.map((row) => datesAsText(withDecisionNow(row)));
}

function withState(read: Sql, state: ItemFilter['state']) {
  if (state === undefined) return read``;
  if (state === 'ended') return read`and i.outcome is not null`;
  return state === 'open'
    ? read`and i.outcome is null`
    : read`and i.outcome is null and ${openState(read)} = ${state}`;
}

/** SQL: state of an open item from the row of its package version, `p`: `queued` before its assessment runs. */
export function openState(read: Sql) {
  return read`case when p.state = 'running' then coalesce(p.stage, 'verdict') else 'queued' end`;
}
