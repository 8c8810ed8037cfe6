import type { ArtifactStore } from '@sluice/artifacts';
import type { LoggedMessage } from '@sluice/messaging';
import { asTransient, type Sql, type Tx } from '@sluice/postgres';
import { failpoint, type Logger } from '@sluice/runtime';
import { Counter } from 'prom-client';
import { toProjected, positionOf, type ProjectedEvent } from './projected-event.ts';
import { projectAdvisorySets } from './projections/advisory-sets.ts';
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

const skipped = new Counter({
  name: 'sluice_projector_skipped_total',
  help: 'Messages of the stream that are no event this version knows.',
});

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
  batch: LoggedMessage[],
  from: Checkpoint,
): Promise<Checkpoint> {
  const last = batch.at(-1)!.sequence;
  const events = batch.flatMap((message) => decode(message, from.epoch, deps.log));
  try {
    await deps.sql.begin(async (tx) => {
      failpoint('fetched');
      const stored = await readCheckpoint(tx, true);
      if (stored.epoch !== from.epoch || stored.sequence !== from.sequence) throw new CheckpointMoved();
      await projectAll(tx, events, deps.artifacts);
      failpoint('effect-done');
      await tx`update checkpoint set sequence = ${last}, updated_at = now()`;
      await tx`select pg_notify(${changedChannel}, ${String(positionOf(from.epoch, last))})`;
      failpoint('before-commit');
    });
    failpoint('after-commit');
  } catch (error) {
    throw asTransient(error);
  }
  return { ...from, sequence: last };
}

async function projectAll(tx: Tx, events: ProjectedEvent[], artifacts: ArtifactStore): Promise<void> {
  if (events.length === 0) return;
  await projectRequests(tx, events, artifacts);
  await projectPackages(tx, events);
  await projectTimeline(tx, events);
  await projectAdvisorySets(tx, events);
}

function decode(message: LoggedMessage, epoch: number, log: Logger): ProjectedEvent[] {
  try {
    return [toProjected(message, epoch)];
  } catch (error) {
    // The order must go on. Whoever consumes the subject has made a dead letter of it.
    skipped.inc();
    log.warn({ err: error, sequence: message.sequence, subject: message.subject }, 'skipped a message');
    return [];
  }
}
