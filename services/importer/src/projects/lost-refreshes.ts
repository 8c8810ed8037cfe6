import { knownBatchesCommand } from '@sluice/contracts';
import { sendCommand, type Bus } from '@sluice/broker';
import type { AcceptedKind, PutBackDeps } from '@sluice/submissions';
import { batchMessage, requestedMessage, type RequestedRefresh } from './facts.ts';

type Deps = Pick<PutBackDeps, 'sql'> & { bus: Bus };
type Row = RequestedRefresh & { submittedAt: Date };

/** Refreshes whose batches the aggregator does not know. */
export function lostRefreshBatches({ sql, bus }: Deps): AcceptedKind<Row> {
  return {
    name: 'batches of refreshes',
    rows: (after, olderThanSeconds, limit) =>
      rows(sql, sql`r.taken_in_at is null`, { after, olderThanSeconds, limit }),
    takenIn: async (batchIds) => (await sendCommand(bus, knownBatchesCommand, { batchIds })).known,
    noteTakenIn: (ids) => sql`update refreshes set taken_in_at = now() where id = any(${ids}::uuid[])`,
    messageOf: batchMessage,
  };
}

/** Longer than a message takes to come back from an importer that died, and than most wait for their turn. */
const unreadSeconds = 120;

/**
 * Refreshes that wait, and whose repositories no importer has been reading for a while. The message of one that only waits for its turn is
 * at the broker still: its copy is not stored, or finds nothing to do.
 */
export function lostRefreshRequests({ sql }: Pick<Deps, 'sql'>): AcceptedKind<Row> {
  return {
    name: 'refreshes',
    rows: (after, olderThanSeconds, limit) => {
      const isUnread = sql`coalesce(r.read_at, r.requested_at) < now() - make_interval(secs => ${unreadSeconds})`;
      return rows(sql, sql`r.state = 'queued' and ${isUnread}`, { after, olderThanSeconds, limit });
    },
    takenIn: async () => [],
    noteTakenIn: async () => {},
    messageOf: requestedMessage,
  };
}

function rows(
  sql: PutBackDeps['sql'],
  isLost: ReturnType<PutBackDeps['sql']>,
  { after, olderThanSeconds, limit }: { after: Row | null; olderThanSeconds: number; limit: number },
): Promise<Row[]> {
  return sql<Row[]>`
    select r.id, r.project_id as "projectId", p.name, p.lane, p.scope, p.labels, r.cause, r.requested_by as by,
      r.requested_at as "requestedAt", r.requested_at as "submittedAt"
    from refreshes r join projects p on p.id = r.project_id
    where ${isLost} ${after === null ? sql`` : sql`and (r.requested_at, r.id) > (${after.submittedAt}, ${after.id}::uuid)`}
      and r.requested_at < now() - make_interval(secs => ${olderThanSeconds})
    order by r.requested_at, r.id limit ${limit}`;
}
