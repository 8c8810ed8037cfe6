import { readEventLog, streamIdentity, type Bus } from '@sluice/messaging';
import { createPostgres, migrate, type Sql } from '@sluice/postgres';
import { PermanentError } from '@sluice/contracts';
import { applyBatch, readCheckpoint, type ApplyDeps, type Checkpoint } from './apply.ts';
import { toEntry } from './projected-event.ts';
import { putOffIndexes } from './put-off-indexes.ts';
import { projectingSettings, projectorMigrations, readSchema } from './schema.ts';

export interface RebuildResult {
  events: number;
  durationMs: number;
  /** Hash of each table's content, by table. */
  hashes: Record<string, string>;
}

/** Larger than when live: nobody waits for a single event of a rebuild. */
const batchMax = 5_000;
const nextSchema = `${readSchema}_next`;
const oldSchema = `${readSchema}_old`;

/**
 * Fills new read models from the stream beside the live ones and swaps them in one transaction; readers see the old
 * ones or the new ones.
 * @param options.swap false compares only: the new ones are dropped at the end.
 * @throws PermanentError when the stream no longer reaches back to the beginning: what is gone from it would be gone
 * from the read models too.
 */
export async function rebuild(
  bus: Bus,
  options: { databaseUrl: string; swap: boolean; artifacts: ApplyDeps['artifacts']; log: ApplyDeps['log'] },
  onProgress: (done: number, total: number) => void = () => {},
): Promise<RebuildResult> {
  const started = Date.now();
  const pools = openPools(options.databaseUrl);
  const { admin } = pools;
  try {
    await admin.unsafe(`drop schema if exists ${nextSchema} cascade`);
    await migrate(admin, { ...projectorMigrations, schema: nextSchema });
    const live = await liveCheckpoint(admin);
    const stream = await streamIdentity(bus);
    if (live.epoch > 1 || stream.firstSequence > 1) {
      throw new PermanentError(
        'internal',
        'The stream does not reach back to the beginning; a rebuild would lose what is gone from it.',
      );
    }
    await admin`update checkpoint set stream_identity = ${stream.identity}, epoch = ${Math.max(1, live.epoch)}`;
    const deps = { sql: pools.next, artifacts: options.artifacts, log: options.log };
    const makeIndexes = await putOffIndexes(admin, nextSchema);
    await replayTo(bus, deps, stream.lastSequence, onProgress);
    await forgetRepeated(admin);
    await makeIndexes();
    await admin.unsafe(`analyze ${tables.join(', ')}`);
    const done = options.swap ? await swap(bus, admin, deps, onProgress) : await readCheckpoint(admin);
    const hashes = await hashTables(admin, options.swap ? readSchema : nextSchema);
    return { events: done.sequence, durationMs: Date.now() - started, hashes };
  } finally {
    await admin
      .unsafe(`drop schema if exists ${nextSchema} cascade; drop schema if exists ${oldSchema} cascade`)
      .catch(() => {});
    await Promise.all([admin.end({ timeout: 5 }), pools.next.end({ timeout: 5 })]);
  }
}

/** One for what is done to whole tables, one that applies events. */
function openPools(url: string): { admin: Sql; next: Sql } {
  const options = { url, service: 'rebuild', schema: nextSchema };
  return {
    // An hour: the largest index of a long stream.
    admin: createPostgres({ ...options, pool: 3, statementTimeoutMs: 3_600_000 }),
    next: createPostgres({ ...options, pool: 1, settings: projectingSettings }),
  };
}

async function liveCheckpoint(sql: Sql): Promise<Checkpoint> {
  const [row] = await sql.unsafe<Checkpoint[]>(
    `select stream_identity as "streamIdentity", epoch, sequence from ${readSchema}.checkpoint`,
  );
  return row!;
}

/** Without its index, the timeline took in again what is in the stream a second time. The first time counts. */
async function forgetRepeated(sql: Sql): Promise<void> {
  await sql`
    delete from timeline t using (select event_id, min(position) as first from timeline group by 1 having count(*) > 1) as told
    where t.event_id = told.event_id and t.position > told.first`;
}

/** Applies the stream up to a sequence. */
async function replayTo(
  bus: Bus,
  deps: ApplyDeps,
  target: number,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  let checkpoint = await readCheckpoint(deps.sql);
  if (checkpoint.sequence >= target) return;
  const done = new AbortController();
  await readEventLog(
    bus,
    {
      fromSequence: checkpoint.sequence + 1,
      batchMax,
      signal: done.signal,
      toEntry: (message) => toEntry(message, checkpoint.epoch, deps.log),
    },
    async (batch) => {
      const upTo = batch.filter((message) => message.sequence <= target);
      if (upTo.length > 0) checkpoint = await applyBatch(deps, upTo, checkpoint);
      onProgress(Math.min(checkpoint.sequence, target), target);
      if (batch.at(-1)!.sequence >= target) done.abort();
    },
  );
}

/** Holds the live projector at its checkpoint, catches up with it exactly, and renames the schemas. */
async function swap(
  bus: Bus,
  admin: Sql,
  deps: ApplyDeps,
  onProgress: (done: number, total: number) => void,
): Promise<Checkpoint> {
  // Catch up without the lock first, so that the live projector is held for a moment only.
  await replayTo(bus, deps, (await liveCheckpoint(admin)).sequence, onProgress);
  await admin.begin(async (tx) => {
    const [live] = await tx.unsafe<{ sequence: number }[]>(
      `select sequence from ${readSchema}.checkpoint for update`,
    );
    await replayTo(bus, deps, live!.sequence, onProgress);
    await tx.unsafe(`
      drop schema if exists ${oldSchema} cascade;
      alter schema ${readSchema} rename to ${oldSchema};
      alter schema ${nextSchema} rename to ${readSchema}`);
  });
  return liveCheckpoint(admin);
}

const tables = [
  'requests',
  'request_items',
  'packages',
  'package_evidence',
  'timeline',
  'advisory_sets',
  'counts',
];

/**
 * A hash of everything that a schema's read models say; equal hashes mean equal content. Rows are hashed by Postgres, as
 * text since JSON has no hash of its own, and their hashes added up, which needs no order.
 */
export async function hashTables(sql: Sql, schema: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const table of tables) {
    const [row] = await sql.unsafe<{ hash: string }[]>(
      `select count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0) as hash from ${schema}.${table} t`,
    );
    hashes[table] = row!.hash;
  }
  return hashes;
}
