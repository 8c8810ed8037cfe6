import { knownBatchesCommand } from '@sluice/contracts';
import { sendCommand, type Bus } from '@sluice/broker';
import type { AcceptedKind, PutBackDeps } from '@sluice/submissions';
import { openedMessage, type BatchOpened } from './batch-facts.ts';

interface OpenedRow {
  id: string;
  submittedAt: Date;
  opened: BatchOpened;
}

/** Batches that were opened here, until the aggregator knows that they were. */
export function lostBatches({ sql, bus }: Pick<PutBackDeps, 'sql'> & { bus: Bus }): AcceptedKind<OpenedRow> {
  return {
    name: 'batches',
    rows: (after, olderThanSeconds, limit) => sql<OpenedRow[]>`
      select id, submitted_at as "submittedAt", opened from batches
      where taken_in_at is null
        ${after === null ? sql`` : sql`and (submitted_at, id) > (${after.submittedAt}, ${after.id}::uuid)`}
        and submitted_at < now() - make_interval(secs => ${olderThanSeconds})
      order by submitted_at, id limit ${limit}`,
    takenIn: async (batchIds) => (await sendCommand(bus, knownBatchesCommand, { batchIds })).opened,
    noteTakenIn: (ids) => sql`update batches set taken_in_at = now() where id = any(${ids}::uuid[])`,
    messageOf: ({ opened }) => openedMessage(opened),
  };
}
