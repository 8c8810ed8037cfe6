import { knownBatchesCommand } from '@sluice/contracts';
import { sendCommand, type Bus } from '@sluice/broker';
import type { AcceptedKind, PutBackDeps } from '@sluice/submissions';
import { batchMessage, type StoredBatch } from './batch-message.ts';

/** Batches that the gateway accepted. The importer asks for those that it missed itself (`recoverLost`). */
export function lostBatches({
  sql,
  bus,
}: Pick<PutBackDeps, 'sql'> & { bus: Bus }): AcceptedKind<StoredBatch> {
  return {
    name: 'batches',
    rows: (after, olderThanSeconds, limit) => sql<StoredBatch[]>`
      select id, lane, scope, requester, labels, platforms, filename, upload, submitted_at as "submittedAt"
      from batches
      where taken_in_at is null
        ${after === null ? sql`` : sql`and (submitted_at, id) > (${after.submittedAt}, ${after.id}::uuid)`}
        and submitted_at < now() - make_interval(secs => ${olderThanSeconds})
      order by submitted_at, id limit ${limit}`,
    takenIn: async (batchIds) => (await sendCommand(bus, knownBatchesCommand, { batchIds })).known,
    noteTakenIn: (ids) => sql`update batches set taken_in_at = now() where id = any(${ids}::uuid[])`,
    messageOf: batchMessage,
  };
}
