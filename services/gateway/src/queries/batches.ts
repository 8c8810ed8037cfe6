import type { BatchDetail, BatchState, BatchSummary, ShownBatchFile } from '@sluice/api';
import { knownCode, errorCodes } from '@sluice/contracts';
import type { Sql } from '@sluice/postgres';
import { datesAsText, type Dated } from './dated.ts';
import { aheadMaxMinutes, hasEnded, isListed, type ListFilter } from './listed.ts';

type Moments = 'submittedAt' | 'openedAt' | 'completedAt' | 'cancelledAt';
type Row = Dated<Omit<BatchSummary, 'state' | 'failure'>, Moments> & {
  failure: { code: string; detail: string } | null;
};

const columns = `id, lane, scope, requester, labels, platforms, filename, project_id as "projectId", file_count as "fileCount",
  request_count as "requestCount", refused_count as "refusedCount", ignored_count as "ignoredCount",
  submitted_at as "submittedAt", opened_at as "openedAt", completed_at as "completedAt", cancelled_at as "cancelledAt", failure,
  round, trace_id as "traceId"`;

/** Of an accepted batch, which is all there is of it before the read models know it. */
const acceptedColumns = `id, lane, scope, requester, labels, platforms, filename, null::uuid as "projectId", null::int as "fileCount",
  null::int as "requestCount", null::int as "refusedCount", null::int as "ignoredCount",
  submitted_at as "submittedAt", null::timestamptz as "openedAt", null::timestamptz as "completedAt",
  null::timestamptz as "cancelledAt", null::jsonb as failure, 1 as round, trace_id as "traceId"`;

export interface BatchFilter extends ListFilter {
  state?: BatchState | undefined;
  /** Refreshes of this project only. */
  project?: string | undefined;
}

/** Lists batches, newest first, including accepted ones that are not in the read models yet, by one statement. */
export async function listBatches(read: Sql, filter: BatchFilter): Promise<BatchSummary[]> {
  const { state, project, limit } = filter;
  const listed = isListed(read, filter);
  const known = read`
    select ${read.unsafe(columns)} from batches where submitted_at is not null and ${listed} ${withState(read, state)}
      ${project === undefined ? read`` : read`and project_id = ${project}`}
    order by submitted_at desc, id desc limit ${limit}`;
  // Files that were sent are of no project.
  if (project !== undefined || (state !== undefined && state !== 'queued'))
    return (await read<Row[]>`${known}`).map(toSummary);
  // Asked of each row by itself: joined, the planner would read both tables whole.
  const isProjected = read`(select true from batches b where b.id = a.id and b.submitted_at is not null)`;
  const rows = await read<Row[]>`
    with known as (${known}),
    accepted as (
      select ${read.unsafe(acceptedColumns)} from gateway.batches a
      where ${listed} and ${isProjected} is null and submitted_at >= coalesce(greatest(
        (select max(submitted_at) from batches) - make_interval(mins => ${aheadMaxMinutes}),
        (select min("submittedAt") from known having count(*) = ${limit})), '-infinity')
      order by submitted_at desc, id desc limit ${limit}
    )
    select * from known union all select * from accepted
    order by "submittedAt" desc, id desc limit ${limit}`;
  return rows.map(toSummary);
}

function withState(read: Sql, state: BatchFilter['state']) {
  switch (state) {
    case undefined:
      return read``;
    case 'queued':
      return read`and opened_at is null and completed_at is null and cancelled_at is null`;
    case 'open':
      return read`and opened_at is not null and completed_at is null and cancelled_at is null`;
    default:
      return hasEnded(read, state);
  }
}

export async function findBatch(read: Sql, id: string): Promise<BatchSummary | undefined> {
  const [row] = await read<Row[]>`
    select ${read.unsafe(columns)} from batches where id = ${id} and submitted_at is not null`;
  return row && toSummary(row);
}

/** A batch that was accepted and that the read models do not know yet. */
export async function findAcceptedBatch(own: Sql, id: string): Promise<BatchSummary | undefined> {
  const [row] = await own<Row[]>`select ${own.unsafe(acceptedColumns)} from batches where id = ${id}`;
  return row && toSummary(row);
}

/** A batch with its state. */
function toSummary(row: Row): BatchSummary {
  const { failure, ...shown } = datesAsText(row);
  const why = failure && { ...failure, remedy: errorCodes[knownCode(failure.code)].remedy };
  return { ...shown, state: stateOf(row), failure: why };
}

function stateOf({ cancelledAt, failure, completedAt, openedAt }: Row): BatchState {
  if (cancelledAt) return 'cancelled';
  if (failure) return 'failed';
  if (completedAt) return 'completed';
  return openedAt ? 'open' : 'queued';
}

/** The scope of a batch, also of one that the read models do not know yet; null for none. */
export async function findBatchScope(
  { read, own }: { read: Sql; own: Sql },
  id: string,
): Promise<string | null> {
  const [row] = await read<{ scope: string }[]>`select scope from batches where id = ${id}`;
  if (row) return row.scope;
  const [accepted] = await own<{ scope: string }[]>`select scope from batches where id = ${id}`;
  return accepted?.scope ?? null;
}

/** How far the requests of a batch are, all together. */
export type BatchProgress = Pick<BatchDetail, 'requests' | 'itemCount' | 'endedItems' | 'counts'>;

/** SQL: the state of a request `r` in the read models. */
const requestState = `case when r.cancelled_at is not null then 'cancelled' when r.failure is not null then 'failed'
  when r.completed_at is not null then 'completed' else 'open' end`;

/** Sums over the requests of a batch, of which there are 500 at most. */
export async function batchProgress(read: Sql, id: string): Promise<BatchProgress> {
  const [row] = await read<BatchProgress[]>`
    with own as (
      select ${read.unsafe(requestState)} as state, r.item_count, r.ended_items, r.counts from requests r
      where r.batch_id = ${id}
    )
    select coalesce((select jsonb_object_agg(state, n) from (select state, count(*)::int as n from own group by 1) as s), '{}')
        as requests,
      coalesce(sum(item_count), 0)::int as "itemCount", coalesce(sum(ended_items), 0)::int as "endedItems",
      coalesce((select jsonb_object_agg(outcome, n) from (
        select outcome, sum(value::int)::int as n from own, jsonb_each_text(own.counts) as c (outcome, value)
        group by 1 having sum(value::int) > 0) as o), '{}') as counts
    from own`;
  return row!;
}

/** Requests of a batch by their ids, in the order of its files. */
export async function batchRequestIds(read: Sql, id: string): Promise<string[]> {
  const rows = await read<{ id: string }[]>`
    select request_id as id from batch_files where batch_id = ${id} and request_id is not null order by ordinal`;
  return rows.map((row) => row.id);
}

export interface BatchFileFilter {
  result?: string | undefined;
  limit: number;
  afterOrdinal: number | null;
}

/** Files of a batch in their order, with the standing of their requests. */
export async function listBatchFiles(
  read: Sql,
  id: string,
  { result, limit, afterOrdinal }: BatchFileFilter,
): Promise<ShownBatchFile[]> {
  return read<ShownBatchFile[]>`
    select f.ordinal, f.path, f.size_bytes::float8 as "sizeBytes", f.result, f.reason, f.format, f.request_id as "requestId",
      case when f.request_id is null then null when r.id is null then 'queued' else ${read.unsafe(requestState)} end as state,
      r.item_count as "itemCount", r.ended_items as "endedItems", r.counts
    from batch_files f left join requests r on r.id = f.request_id
    where f.batch_id = ${id} ${result === undefined ? read`` : read`and f.result = ${result}`}
      ${afterOrdinal === null ? read`` : read`and f.ordinal > ${afterOrdinal}`}
    order by f.ordinal limit ${limit}`;
}
