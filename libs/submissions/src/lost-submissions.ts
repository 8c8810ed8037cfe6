import { knownRequestsCommand } from '@sluice/contracts';
import { sendCommand, type Bus } from '@sluice/broker';
import type { AcceptedKind, PutBackDeps } from './put-back-lost.ts';
import { submittedMessage, type StoredSubmission } from './submitted-message.ts';

/**
 * Requests that a service accepted: the rows of `submissions` in its schema.
 * @param source the service.
 */
export function lostSubmissions(
  { sql, bus }: Pick<PutBackDeps, 'sql'> & { bus: Bus },
  source: string,
): AcceptedKind<StoredSubmission> {
  return {
    name: 'submissions',
    rows: (after, olderThanSeconds, limit) => sql<StoredSubmission[]>`
      select id, lane, scope, requester, labels, platforms, format, filename, item_count as "itemCount",
        entry_count as "entryCount", list_digest as "listDigest", submitted_at as "submittedAt", batch_id as "batchId"
      from submissions
      where taken_in_at is null and list_digest is not null
        ${after === null ? sql`` : sql`and (submitted_at, id) > (${after.submittedAt}, ${after.id}::uuid)`}
        and submitted_at < now() - make_interval(secs => ${olderThanSeconds})
      order by submitted_at, id limit ${limit}`,
    takenIn: async (requestIds) => (await sendCommand(bus, knownRequestsCommand, { requestIds })).known,
    noteTakenIn: (ids) => sql`update submissions set taken_in_at = now() where id = any(${ids}::uuid[])`,
    messageOf: (row) => submittedMessage(row, source),
  };
}
