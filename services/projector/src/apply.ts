import type { ArtifactStore } from '@sluice/artifacts';
import { asTransient, type Sql, type Tx } from '@sluice/postgres';
import { failpoint, type Logger } from '@sluice/runtime';
import { positionOf, type ProjectedEvent, type StreamEntry } from './projected-event.ts';
import { projectAdvisorySets } from './projections/advisory-sets.ts';
import { recountRequests } from './projections/counts.ts';
import { projectPackages } from './projections/packages.ts';
import { projectRequests } from './projections/requests.ts';
import { projectTimeline } from './projections/timeline.ts';

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
}

/** The checkpoint is not where the batch begins: somebody else moved it, and reading has to start again from it. */
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
  { sql, artifacts }: ApplyDeps,
  events: ProjectedEvent[],
  from: Checkpoint,
  to: Checkpoint,
  mayRepeat: boolean,
): Promise<void> {
  await sql.begin(async (tx) => {
    failpoint('fetched');
    const stored = await readCheckpoint(tx, true);
    if (stored.epoch !== from.epoch || stored.sequence !== from.sequence) throw new CheckpointMoved();
    if (events.length > 0) {
      await recountRequests(tx, events, () => projectRequests(tx, events, artifacts));
      await projectPackages(tx, events);
      await projectTimeline(tx, events, mayRepeat);
      await projectAdvisorySets(tx, events);
    }
    failpoint('effect-done');
    const news = String(positionOf(to.epoch, to.sequence));
    await Promise.all([
      tx`update checkpoint set sequence = ${to.sequence}, updated_at = now()`,
      tx`select pg_notify(${changedChannel}, ${news})`,
    ]);
    failpoint('before-commit');
  });
}

/** What Postgres says when a row is there already: `unique_violation`. */
function isRepeated(error: unknown): boolean {
  return (error as { code?: unknown }).code === '23505';
}
