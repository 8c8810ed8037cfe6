import type { Sql } from '@sluice/postgres';

/** One event as the timeline shows it. */
export interface TimelineRow {
  position: number;
  eventId: string;
  sequence: number;
  subject: string;
  type: string;
  at: Date;
  traceId: string | null;
  data: Record<string, unknown>;
}

const columns = `t.position, t.event_id as "eventId", t.sequence, t.subject, t.type, t.at, t.trace_id as "traceId", t.data`;

/** The newest events about one package version, oldest of them first. */
export function timelineOf(read: Sql, subject: string, limit: number): Promise<TimelineRow[]> {
  return read<TimelineRow[]>`
    select * from (
      select ${read.unsafe(columns)} from timeline t where t.subject = ${subject} order by t.position desc limit ${limit}
    ) as newest order by position`;
}

/** Events about a request and the package versions in it, after a position, in order. */
export function requestEvents(
  read: Sql,
  requestId: string,
  after: number,
  limit: number,
): Promise<TimelineRow[]> {
  return read<TimelineRow[]>`
    select ${read.unsafe(columns)} from timeline t
    where t.position > ${after} and (
      t.subject = ${requestId}
      or exists (select from request_items i where i.request_id = ${requestId} and i.purl = t.subject))
    order by t.position limit ${limit}`;
}

/** Everything up to here is there to be read: positions are written in their order. */
export async function newestPosition(read: Sql): Promise<number> {
  const [row] = await read<{ position: number }[]>`
    select position from timeline order by position desc limit 1`;
  return row?.position ?? 0;
}

/** Where a request's own events begin: nothing before it concerns the request. */
export async function firstPosition(read: Sql, requestId: string): Promise<number | null> {
  const [row] = await read<{ position: number }[]>`select position from requests where id = ${requestId}`;
  return row?.position ?? null;
}
