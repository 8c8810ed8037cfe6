import type { Tx } from '@sluice/postgres';
import type { Assessment } from '../assessments/assessment.ts';
import { replayEventIds, requestedEventId } from '../facts/package-facts.ts';

/** Of running assessments, those whose request for work still waits in the outbox. */
export async function waitingInOutbox(tx: Tx, rows: Assessment[]): Promise<Set<string>> {
  const idOf = new Map(
    rows.flatMap((row) => [requestedEventId(row), ...replayEventIds(row)].map((id) => [id, row.id] as const)),
  );
  const waiting = await tx<{ eventId: string }[]>`
    select event_id as "eventId" from outbox join outbox_waiting using (position)
    where event_id = any(${[...idOf.keys()]}::uuid[])`;
  return new Set(waiting.map(({ eventId }) => idOf.get(eventId)!));
}
