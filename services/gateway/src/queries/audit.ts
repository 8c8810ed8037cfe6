import type { AuditEntryView } from '@sluice/api';
import type { Sql } from '@sluice/postgres';
import { datesAsText, type Dated } from './dated.ts';

export interface AuditFilter {
  actor?: string | undefined;
  action?: string | undefined;
  subject?: string | undefined;
  outcome?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

export type AuditRow = AuditEntryView & { position: number };

/**
 * Entries of the audit, newest first, or oldest first from a position on.
 * @param place a position that the entries come after, in their order; null for their beginning.
 */
export async function listAudit(
  read: Sql,
  { actor, action, subject, outcome, since, until }: AuditFilter,
  { order, place, limit }: { order: 'newest' | 'oldest'; place: number | null; limit: number },
): Promise<AuditRow[]> {
  const after = order === 'newest' ? read`position < ${place}` : read`position > ${place}`;
  const rows = await read<Dated<AuditRow, 'at'>[]>`
    select position, event_id as id, at, actor, action, subject, outcome, detail, service, trace_id as "traceId", hash
    from audit where true
      ${place === null ? read`` : read`and ${after}`}
      ${actor === undefined ? read`` : read`and actor = ${actor}`}
      ${action === undefined ? read`` : read`and action = ${action}`}
      ${subject === undefined ? read`` : read`and subject = ${subject}`}
      ${outcome === undefined ? read`` : read`and outcome = ${outcome}`}
      ${since === undefined ? read`` : read`and at >= ${since}::timestamptz`}
      ${until === undefined ? read`` : read`and at < ${until}::timestamptz`}
    order by position ${order === 'newest' ? read`desc` : read`asc`} limit ${limit}`;
  return rows.map(datesAsText);
}

/** An entry as it is shown: without its place in the stream. */
export function shownEntry(row: AuditRow): AuditEntryView {
  const { id, at, actor, action, subject, outcome, detail, service, traceId, hash } = row;
  return { id, at, actor, action, subject, outcome, detail, service, traceId, hash };
}
