import { auditHash } from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import { addRows } from '../add-rows.ts';
import { ofType, type ProjectedEvent } from '../projected-event.ts';
import type { Write } from '../write.ts';

/** The hash of the newest entry of the audit; null for none, or when the batch adds none. */
export async function loadAuditHead(tx: Tx, events: ProjectedEvent[]): Promise<string | null> {
  if (ofType(events, 'audit.recorded').length === 0) return null;
  const [row] = await tx<{ hash: string }[]>`select hash from audit order by position desc limit 1`;
  return row?.hash ?? null;
}

/**
 * Adds the acts of a batch to the `audit`, each with the hash that holds the one before.
 * @param head result of `loadAuditHead` for the batch.
 * @param repeated ids of events that are there; null when there are none in the batch, and none twice in it.
 */
export function projectAudit(
  tx: Tx,
  events: ProjectedEvent[],
  head: string | null,
  repeated: ReadonlySet<string> | null,
): Write[] {
  const known = new Set(repeated);
  let previous = head;
  const rows = ofType(events, 'audit.recorded').flatMap(({ position, traceId, event }) => {
    const id = event.id.toLowerCase();
    if (known.has(id)) return [];
    known.add(id);
    const { actor, action, outcome, detail } = event.data;
    const { subject, time } = event;
    previous = auditHash(previous, { id, at: time, actor, action, subject, outcome, detail });
    const service = event.source.replace(/^sluice\//, '');
    return [[position, id, time, actor, action, subject, outcome, detail, service, traceId, previous]];
  });
  return addRows(
    tx,
    'audit',
    [
      'position',
      'event_id',
      'at',
      'actor',
      'action',
      'subject',
      'outcome',
      'detail',
      'service',
      'trace_id',
      'hash',
    ],
    rows,
  );
}
