import type { FailedTry, TimelineEntry } from '@sluice/api';
import { pipeline } from '@sluice/contracts';
import type { Sql } from '@sluice/postgres';
import { datesAsText, type Dated } from './dated.ts';

type EntryRow = Dated<TimelineEntry, 'at'>;

const columns = `t.position, t.event_id as "eventId", t.sequence, t.subject, t.type, t.at, t.trace_id as "traceId", t.data`;

/** The newest events about one package version, oldest of them first. */
export async function timelineOf(read: Sql, subject: string, limit: number): Promise<TimelineEntry[]> {
  const rows = await read<EntryRow[]>`
    select * from (
      select ${read.unsafe(columns)} from timeline t where t.subject = ${subject} order by t.position desc limit ${limit}
    ) as newest order by position`;
  return rows.map(datesAsText);
}

type TryRow = Dated<FailedTry, 'at' | 'nextTryAt'>;

/** The newest failed tries of one package version, oldest of them first. */
export async function failedTriesOf(read: Sql, purl: string, limit: number): Promise<FailedTry[]> {
  const rows = await read<TryRow[]>`
    select * from (
      select at, (data ->> 'attempt')::int as "assessmentAttempt", data ->> 'stage' as stage,
        (data ->> 'stageAttempt')::int as "stageAttempt", coalesce((data ->> 'counted')::bool, true) as counted,
        data ->> 'code' as code, data ->> 'detail' as detail, data ->> 'worker' as worker,
        (data ->> 'nextTryAt')::timestamptz as "nextTryAt"
      from timeline
      where subject = ${purl} and type in ('pkg.attempt-failed', 'pkg.failed') order by position desc limit ${limit}
    ) as newest order by at`;
  return rows.map(datesAsText);
}

/**
 * Events about requests and the package versions in them, after a position, in order. While a request runs, much of
 * the newest events are about it, and the next ones are found by scanning the timeline. When that finds too few, they are far
 * apart, and are looked up by subject.
 * @param ids of the requests, and of others that have events of their own, such as a batch.
 */
export async function requestEvents(
  read: Sql,
  ids: readonly string[],
  after: number,
  limit: number,
): Promise<TimelineEntry[]> {
  const upTo = after + 2 * limit;
  const next = await read<EntryRow[]>`
    select ${read.unsafe(columns)} from timeline t
    where t.position > ${after} and t.position <= ${upTo} and (
      t.subject = any(${[...ids]}::text[])
      or exists (select from request_items i where i.request_id = any(${[...ids]}::uuid[]) and i.purl = t.subject))
    order by t.position limit ${limit}`;
  if (next.length === limit || (await newestPosition(read)) <= upTo) return next.map(datesAsText);
  return (await eventsBySubject(read, ids, after, limit)).map(datesAsText);
}

function eventsBySubject(
  read: Sql,
  ids: readonly string[],
  after: number,
  limit: number,
): Promise<EntryRow[]> {
  return read<EntryRow[]>`
    with subjects as (
      select unnest(${[...ids]}::text[]) as subject
      union select purl from request_items where request_id = any(${[...ids]}::uuid[]) and purl is not null
    ), page as (
      select found.position from subjects s cross join lateral (
        select position from timeline where subject = s.subject and position > ${after} order by position limit ${limit}
      ) as found order by 1 limit ${limit}
    )
    select ${read.unsafe(columns)} from page join timeline t using (position) order by t.position`;
}

/** Everything up to here is there to be read: positions are written in their order. */
export async function newestPosition(read: Sql): Promise<number> {
  const [row] = await read<{ position: number }[]>`
    select position from timeline order by position desc limit 1`;
  return row?.position ?? 0;
}

/** SQL: the stage of each type of result, and all types. */
const stageCases = pipeline.map(({ stage, emits }) => `when '${emits}' then '${stage}'`).join(' ');
const resultTypes = [...pipeline.map(({ emits }) => emits), 'pkg.failed']
  .map((type) => `'${type}'`)
  .join(', ');

/** Results that stages gave after a position and up to another, and not longer ago than that. */
export function stageResults(
  read: Sql,
  after: number,
  upTo: number,
  seconds: number,
): Promise<{ stage: string; lane: string; count: number }[]> {
  return read<{ stage: string; lane: string; count: number }[]>`
    select case type ${read.unsafe(stageCases)} else data ->> 'stage' end as stage,
      data ->> 'lane' as lane, count(*)::int as count
    from timeline
    where position > ${after} and position <= ${upTo} and at > now() - make_interval(secs => ${seconds})
      and type in (${read.unsafe(resultTypes)})
    group by 1, 2`;
}

/** Where a batch's own events begin. */
export async function firstBatchPosition(read: Sql, batchId: string): Promise<number | null> {
  const [row] = await read<{ position: number | null }[]>`select position from batches where id = ${batchId}`;
  return row?.position ?? null;
}

/** Where a request's own events begin: nothing before it concerns the request. */
export async function firstPosition(read: Sql, requestId: string): Promise<number | null> {
  const [row] = await read<{ position: number }[]>`select position from requests where id = ${requestId}`;
  return row?.position ?? null;
}
