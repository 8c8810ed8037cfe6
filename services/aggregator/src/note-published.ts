import { pkgRequested, type EventData } from '@sluice/contracts';
import type { PublishedMessage } from '@sluice/messaging';
import type { Sql, Tx } from '@sluice/postgres';
import type { Assessment } from './assessment.ts';
import { requestedEventId } from './facts.ts';
import { replayEventIds } from './start-replayed.ts';

/**
 * Keeps where in the stream the requests for work are, from what the broker confirmed. Without it, a long queue before
 * the first stage would look like lost work. Harmless to repeat.
 */
export async function notePublished(sql: Sql, messages: PublishedMessage[]): Promise<void> {
  const requests = messages
    .filter(({ subject }) => subject.startsWith(`${pkgRequested.type}.`))
    .map(({ payload, sequence }) => {
      const { assessmentId, attempt } = (JSON.parse(payload) as { data: EventData<typeof pkgRequested> })
        .data;
      return { id: assessmentId, attempt, sequence };
    });
  if (requests.length === 0) return;
  await sql`
    with published as materialized (
      select id, attempt, max(sequence) as sequence
      from jsonb_to_recordset(${JSON.stringify(requests)}::text::jsonb) as e (id uuid, attempt int, sequence bigint)
      group by 1, 2
    ), locked as materialized (
      -- In one order everywhere, against deadlocks with the handlers.
      select a.id from assessments a where a.id in (select id from published) order by a.id for update
    )
    update assessments a set requested_sequence = p.sequence
    from published p join locked using (id) where a.id = p.id and a.attempt = p.attempt`;
}

/** Of running assessments, those whose request for work still waits in the outbox. */
export async function waitingInOutbox(tx: Tx, rows: Assessment[]): Promise<Set<string>> {
  const idOf = new Map(
    rows.flatMap((row) => [requestedEventId(row), ...replayEventIds(row)].map((id) => [id, row.id] as const)),
  );
  const waiting = await tx<{ eventId: string }[]>`
    select event_id as "eventId" from outbox
    where event_id = any(${[...idOf.keys()]}::uuid[]) and published_at is null`;
  return new Set(waiting.map(({ eventId }) => idOf.get(eventId)!));
}
