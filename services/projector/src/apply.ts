import type { ArtifactStore } from '@sluice/artifacts';
import { asTransient, type Sql, type Tx } from '@sluice/postgres';
import { failpoint, type Logger } from '@sluice/runtime';
import { positionOf, type ProjectedEvent, type StreamEntry } from './projected-event.ts';
import { projectAdvisorySets } from './projections/advisory-sets.ts';
import { loadAuditHead, projectAudit } from './projections/audit.ts';
import { projectBatches } from './projections/batches.ts';
import { loadRequests, recount } from './projections/counts.ts';
import { afterSubmission, keepEarly, loadEarly } from './projections/early-events.ts';
import { projectInstalls } from './projections/installs.ts';
import { loadPackages, projectPackages } from './projections/packages.ts';
import { readListsAhead } from './projections/request-lists.ts';
import { projectRequests } from './projections/requests.ts';
import { loadRepeated, projectTimeline } from './projections/timeline.ts';
import { writeAll, type Write } from './write.ts';

/** Where the projector stands: which stream, and how far. */
export interface Checkpoint {
  streamIdentity: string | null;
  epoch: number;
  sequence: number;
}

/** The channel that readers listen on for "there is something new". */
export const changedChannel = 'sluice_read_models';

export async function readCheckpoint(sql: Sql | Tx, lock = false): Promise<Checkpoint> {
  const [row] = await sql<Checkpoint[]>`
    select stream_identity as "streamIdentity", epoch, sequence from checkpoint ${lock ? sql`for update` : sql``}`;
  return row!;
}

export interface ApplyDeps {
  sql: Sql;
  artifacts: ArtifactStore;
  log: Logger;
  /** Is told of each list of a request that cannot be read: the request has no items then. */
  onListMissing?: (digest: string) => void;
}

/** The checkpoint is not where the batch begins: another process moved it, and reading has to start again from it. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
}

/**
 * Applies a batch of the stream in one transaction with the checkpoint: rows and checkpoint agree, wherever the
 * process dies.
 * @throws CheckpointMoved when the batch does not follow on the checkpoint.
 * @throws TransientError when Postgres is not available.
 */
export async function applyBatch(
  deps: ApplyDeps,
  batch: StreamEntry[],
  from: Checkpoint,
): Promise<Checkpoint> {
  const to = { ...from, sequence: batch.at(-1)!.sequence };
  const events = batch.flatMap(({ projected }) => projected ?? []);
  try {
    await apply(deps, events, from, to, false).catch((error: unknown) => {
      if (!isRepeated(error)) throw error;
      return apply(deps, events, from, to, true);
    });
    failpoint('after-commit');
  } catch (error) {
    throw asTransient(error);
  }
  return to;
}

/** @param mayRepeat whether an event may be in the read models already, under an earlier position. */
async function apply(
  { sql, artifacts, onListMissing }: ApplyDeps,
  events: ProjectedEvent[],
  from: Checkpoint,
  to: Checkpoint,
  mayRepeat: boolean,
): Promise<void> {
  const lists = await readListsAhead(events, artifacts, onListMissing);
  await sql.begin(async (tx) => {
    failpoint('fetched');
    const [stored, packages, requests, storedEarly, auditHead, repeated] = await Promise.all([
      readCheckpoint(tx, true),
      loadPackages(tx, events),
      loadRequests(tx, events),
      loadEarly(tx, events),
      loadAuditHead(tx, events),
      mayRepeat ? loadRepeated(tx, events) : null,
    ]);
    if (stored.epoch !== from.epoch || stored.sequence !== from.sequence) throw new CheckpointMoved();
    const { writes, counted } = projectPackages(tx, events, packages);
    const isStored = (id: string) => requests.has(id);
    const ofRequests = afterSubmission(events, isStored, storedEarly);
    await writeAll([
      ...projectRequests(tx, ofRequests.events, lists, isStored),
      ...projectBatches(tx, events, { artifacts, onListMissing }),
      ...keepEarly(tx, ofRequests.early, storedEarly),
      ...writes,
      ...projectTimeline(tx, events, repeated),
      ...projectAdvisorySets(tx, events),
      ...projectInstalls(tx, events),
      ...projectAudit(tx, events, auditHead, repeated),
      ...recount(tx, events, counted, requests),
      ...moveCheckpoint(tx, to),
    ]);
    failpoint('effect-done');
    failpoint('before-commit');
  });
}

function moveCheckpoint(tx: Tx, to: Checkpoint): Write[] {
  const news = String(positionOf(to.epoch, to.sequence));
  const send = () => tx`
    with moved as (update checkpoint set sequence = ${to.sequence}, updated_at = now())
    select pg_notify(${changedChannel}, ${news})`;
  return [{ send }];
}

/** Postgres' error for a row that exists: `unique_violation`. */
function isRepeated(error: unknown): boolean {
  return (error as { code?: unknown }).code === '23505';
}
