import type { RequestDetail, RequestState, RequestSummary } from '@sluice/api';
import { errorCodes, type ErrorCode } from '@sluice/contracts';
import type { Sql } from '@sluice/postgres';
import { datesAsText, type Dated } from './dated.ts';
import { openState } from './items.ts';
import { aheadMaxMinutes, hasEnded, isListed, type ListFilter } from './listed.ts';

/** A request as the read models have it; `toSummary` adds the rest. */
type Row = Dated<
  Omit<RequestSummary, 'state' | 'progress' | 'failure'>,
  'submittedAt' | 'completedAt' | 'cancelledAt'
> & {
  /** Accepted, and not in the read models yet. */
  isQueued: boolean;
  failure: { code: string; detail: string } | null;
};

const columns = `id, lane, scope, requester, labels, format, filename, item_count as "itemCount", entry_count as "entryCount",
  platforms,
  ended_items as "endedItems", counts, submitted_at as "submittedAt", completed_at as "completedAt", cancelled_at as "cancelledAt",
  failure, round, trace_id as "traceId", batch_id as "batchId", false as "isQueued"`;

/** Of a submission, which is all there is of a request before the read models know it. */
const submissionColumns = `id, lane, scope, requester, labels, format, filename, item_count as "itemCount", entry_count as "entryCount",
  platforms,
  0 as "endedItems", '{}'::jsonb as counts, submitted_at as "submittedAt", null::timestamptz as "completedAt",
  null::timestamptz as "cancelledAt", null::jsonb as failure, 1 as round, trace_id as "traceId", batch_id as "batchId", true as "isQueued"`;

export interface RequestFilter extends ListFilter {
  state?: RequestState | undefined;
  /** Requests of this batch only. */
  batch?: string | undefined;
}

/**
 * Lists requests, newest first, including accepted submissions that are not in the read models yet. One statement reads
 * both, so that a request which is projected meanwhile is neither left out nor listed twice.
 */
export async function listRequests(read: Sql, filter: RequestFilter): Promise<RequestSummary[]> {
  return (await requestRows(read, filter)).map(toSummary);
}

function requestRows(read: Sql, filter: RequestFilter): Promise<Row[]> {
  const { state, batch, limit } = filter;
  const listed = read`${isListed(read, filter)} ${batch === undefined ? read`` : read`and batch_id = ${batch}`}`;
  const known = read`
    select ${read.unsafe(columns)} from requests where ${listed} ${withState(read, state)}
    order by submitted_at desc, id desc limit ${limit}`;
  if (state !== undefined && state !== 'queued') return read<Row[]>`${known}`;
  // Asked of each row by itself: joined, the planner would read both tables whole.
  const isProjected = read`(select true from requests r where r.id = s.id)`;
  return read<Row[]>`
    with known as (${state === 'queued' ? read`select ${read.unsafe(columns)} from requests where false` : known}),
    queued as (
      select ${read.unsafe(submissionColumns)} from gateway.submissions s
      where ${listed} and ${isProjected} is null and submitted_at >= coalesce(greatest(
        (select max(submitted_at) from requests) - make_interval(mins => ${aheadMaxMinutes}),
        (select min("submittedAt") from known having count(*) = ${limit})), '-infinity')
      order by submitted_at desc, id desc limit ${limit}
    )
    select * from known union all select * from queued
    order by "submittedAt" desc, id desc limit ${limit}`;
}

function withState(read: Sql, state: RequestFilter['state']) {
  switch (state) {
    case undefined:
    case 'queued':
      return read``;
    case 'open':
      return read`and completed_at is null and cancelled_at is null and failure is null`;
    default:
      return hasEnded(read, state);
  }
}

export async function findRequest(read: Sql, id: string): Promise<RequestSummary | undefined> {
  const [row] = await read<Row[]>`select ${read.unsafe(columns)} from requests where id = ${id}`;
  return row && toSummary(row);
}

/** The requests of a batch, of which there are 500 at most, in the order of its files. */
export async function requestsOfBatch(read: Sql, batchId: string): Promise<RequestSummary[]> {
  const rows = await read<Row[]>`
    select ${read.unsafe(columns)} from requests where batch_id = ${batchId} order by filename`;
  return rows.map(toSummary);
}

/** A newer aggregator may know codes that this gateway does not. */
const remedyOf = (code: string) => errorCodes[code in errorCodes ? (code as ErrorCode) : 'internal'].remedy;

/** A request with its state and progress. */
function toSummary(row: Row): RequestSummary {
  const { isQueued: _, ...shown } = datesAsText(row);
  const { itemCount, endedItems, completedAt, failure } = shown;
  return {
    ...shown,
    state: stateOf(row),
    failure: failure && { ...failure, remedy: remedyOf(failure.code) },
    progress: completedAt ? 1 : itemCount === 0 ? 0 : endedItems / itemCount,
  };
}

function stateOf({ isQueued, cancelledAt, failure, completedAt }: Row): RequestState {
  if (isQueued) return 'queued';
  if (cancelledAt) return 'cancelled';
  if (failure) return 'failed';
  return completedAt ? 'completed' : 'open';
}

/** A request that was accepted and that the read models do not know yet. */
export async function findSubmission(own: Sql, id: string): Promise<RequestSummary | undefined> {
  const [row] = await own<Row[]>`
    select ${own.unsafe(submissionColumns)} from submissions where id = ${id}`;
  return row && toSummary(row);
}

/** The scope of a request, also of one that the read models do not know yet; null for none. */
export async function findScope({ read, own }: { read: Sql; own: Sql }, id: string): Promise<string | null> {
  const [row] = await read<{ scope: string }[]>`select scope from requests where id = ${id}`;
  if (row) return row.scope;
  const [accepted] = await own<{ scope: string }[]>`select scope from submissions where id = ${id}`;
  return accepted?.scope ?? null;
}

/** Items that have not ended, by state: `queued`, a stage or `verdict`. */
export async function openItemStates(read: Sql, id: string): Promise<Record<string, number>> {
  const rows = await read<{ state: string; count: number }[]>`
    select ${openState(read)} as state, count(*)::int as count
    from request_items i left join packages p on p.purl = i.purl
    where i.request_id = ${id} and i.outcome is null group by 1`;
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}

/** The rate is reckoned from items that ended in the last half minute. */
export const rateWindowSeconds = 30;

export async function recentlyEnded(read: Sql, id: string): Promise<{ count: number; seconds: number }> {
  const [row] = await read<{ count: number; seconds: number }[]>`
    select count(i.ended_at)::int as count,
      least(${rateWindowSeconds}, greatest(1, extract(epoch from now() - r.submitted_at)))::float8 as seconds
    from requests r left join request_items i
      on i.request_id = r.id and i.ended_at > now() - make_interval(secs => ${rateWindowSeconds})
    where r.id = ${id} group by r.submitted_at`;
  return row ?? { count: 0, seconds: rateWindowSeconds };
}

/** Reason codes over the items of a request, most frequent first. */
export function reasonCounts(read: Sql, id: string): Promise<RequestDetail['reasons']> {
  return read<RequestDetail['reasons']>`
    select code, max(outcome) as outcome, count(distinct ordinal)::int as items
    from (
      select i.ordinal, v ->> 'code' as code, v ->> 'outcome' as outcome
      from requests r join request_items i on i.request_id = r.id
        join package_scopes s on s.scope = r.scope and s.purl = coalesce(i.follows, i.purl),
        json_array_elements(s.verdict -> 'reasons') as v
      where r.id = ${id}
      union all
      select i.ordinal, v ->> 'code', coalesce(v ->> 'outcome', i.outcome)
      from request_items i, jsonb_array_elements(i.reasons) as v
      where i.request_id = ${id} and i.unassessable is null
      union all
      select i.ordinal, p.failure ->> 'code', 'failed'
      from request_items i join packages p on p.purl = i.purl
      where i.request_id = ${id} and i.outcome = 'failed' and p.failure is not null
      union all
      select i.ordinal, i.unassessable ->> 'code', 'unassessable'
      from request_items i where i.request_id = ${id} and i.unassessable is not null
    ) as reasons
    group by code order by items desc, code limit 100`;
}
