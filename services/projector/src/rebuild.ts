import { PermanentError } from '@sluice/contracts';
import { readEventLogUpTo, type LoggedMessage } from '@sluice/delivery';
import { streamIdentity, type Bus } from '@sluice/broker';
import { asTransient, createPostgres, migrate, type Sql, type Tx } from '@sluice/postgres';
import { applyBatch, readCheckpoint, type ApplyDeps, type Checkpoint } from './apply.ts';
import { copyGrants } from './copy-grants.ts';
import { neededSegments } from './archive/needed-segments.ts';
import { archiveMigrations, listSegments, readSegment, type Segment } from './archive/segments.ts';
import { listSnapshots, restoreSnapshot, type Snapshot } from './archive/snapshots.ts';
import { withLock } from './hold-lock.ts';
import { toEntry } from './projected-event.ts';
import { putOffIndexes } from './put-off-indexes.ts';
import { projectingSettings, projectorMigrations, readSchema } from './schema.ts';
import { checkNotFewer, hashTables, tables } from './table-contents.ts';

export interface RebuildResult {
  events: number;
  durationMs: number;
  /** Hash of each table's content, by table. */
  hashes: Record<string, string>;
  /** Digests of lists that cannot be read: their requests have no items. */
  missingLists: string[];
}

/** Larger than when live: a rebuild has no readers. */
const batchMax = 5_000;
const nextSchema = `${readSchema}_next`;
const oldSchema = `${readSchema}_old`;

export interface RebuildOptions {
  databaseUrl: string;
  /** False compares only: the new ones are dropped at the end. */
  swap: boolean;
  /** Takes the new ones also when they have fewer rows than the live ones. */
  allowFewer?: boolean;
  artifacts: ApplyDeps['artifacts'];
  log: ApplyDeps['log'];
}

/**
 * Fills new read models from the archive and the stream beside the live ones and swaps them in one transaction; readers
 * see the old ones or the new ones.
 * @throws PermanentError `projection.busy` while another rebuild or verification runs; `projection.incomplete` when
 * events are missing, or when the new ones would have fewer rows.
 * @throws TransientError when Postgres goes away; nothing is left behind by then, or with the next go.
 */
export async function rebuild(
  bus: Bus,
  options: RebuildOptions,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<RebuildResult> {
  const started = Date.now();
  const pools = await openPools(options.databaseUrl);
  const { admin } = pools;
  try {
    const built = await withLock(admin, 'sluice rebuild', () => build(bus, pools, options, onProgress));
    if (built) return { ...built, durationMs: Date.now() - started };
    throw new PermanentError('projection.busy', 'Read models are being rebuilt or verified already.');
  } catch (error) {
    throw asTransient(error);
  } finally {
    await Promise.all([admin.end({ timeout: 5 }), pools.next.end({ timeout: 5 })]);
  }
}

interface Pools {
  admin: Sql;
  next: Sql;
}

async function build(
  bus: Bus,
  { admin, next }: Pools,
  { swap: isSwap, allowFewer = false, artifacts, log }: RebuildOptions,
  onProgress: (done: number, total: number) => void,
): Promise<Omit<RebuildResult, 'durationMs'>> {
  await admin.unsafe(`drop schema if exists ${nextSchema} cascade`);
  try {
    await migrate(admin, archiveMigrations);
    const live = await liveCheckpoint(admin);
    const stream = await streamIdentity(bus);
    const { snapshot, segments } = await findBeginning(admin, live, stream);
    if (snapshot) await restoreSnapshot(admin, nextSchema, artifacts, snapshot);
    else await migrate(admin, { ...projectorMigrations, schema: nextSchema });
    const missingLists = new Set<string>();
    const deps = { sql: next, artifacts, log, onListMissing: (digest: string) => missingLists.add(digest) };
    const makeIndexes = await putOffIndexes(admin, nextSchema);
    await applyArchived(deps, segments, stream.lastSequence, onProgress);
    await beginEpoch(next, live.epoch, stream.identity);
    await replayTo(bus, deps, stream.lastSequence, onProgress);
    await forgetRepeated(admin);
    await makeIndexes();
    await admin.unsafe(`analyze ${tables.join(', ')}`);
    const refuseFewer = (tx: Tx) =>
      allowFewer
        ? Promise.resolve()
        : checkNotFewer(tx, { next: nextSchema, live: readSchema }, missingLists);
    const done = isSwap ? await swap(bus, admin, deps, refuseFewer, onProgress) : await readCheckpoint(admin);
    const hashes = await hashTables(admin, isSwap ? readSchema : nextSchema);
    return { events: done.sequence, hashes, missingLists: [...missingLists] };
  } finally {
    await admin
      .unsafe(`drop schema if exists ${nextSchema} cascade; drop schema if exists ${oldSchema} cascade`)
      .catch(() => {});
  }
}

/**
 * All events from the first on, or, when some are gone, a snapshot and the events after it.
 * @throws PermanentError `projection.incomplete` when there is neither.
 */
async function findBeginning(
  sql: Sql,
  live: Checkpoint,
  stream: { identity: string; firstSequence: number },
): Promise<{ snapshot: Snapshot | null; segments: Segment[] }> {
  const [all, snapshots] = [await listSegments(sql), await listSnapshots(sql)];
  const lastOf = new Map(snapshots.map(({ epoch, sequence }) => [epoch, sequence]));
  try {
    return { snapshot: null, segments: neededSegments(all, live, stream, lastOf) };
  } catch (error) {
    const snapshot = snapshots.at(-1);
    if (!snapshot) throw error;
    return { snapshot, segments: neededSegments(all, live, stream, lastOf, snapshot) };
  }
}

async function applyArchived(
  deps: ApplyDeps,
  segments: Segment[],
  inStream: number,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  let done = 0;
  for (const segment of segments) {
    await beginEpoch(deps.sql, segment.epoch, null);
    const messages = await readSegment(deps.artifacts, segment);
    const entries = messages.map((message) => toEntry(message, segment.epoch, deps.log));
    for (let start = 0; start < entries.length; start += batchMax)
      await applyBatch(deps, entries.slice(start, start + batchMax), await readCheckpoint(deps.sql));
    done += entries.length;
    onProgress(done, done + inStream);
  }
}

/** The place before an epoch's first event, unless it has begun. */
async function beginEpoch(sql: Sql, epoch: number, identity: string | null): Promise<void> {
  await sql`
    update checkpoint set stream_identity = ${identity}, epoch = ${Math.max(1, epoch)},
      sequence = case when epoch = ${Math.max(1, epoch)} then sequence else 0 end`;
}

/**
 * One pool for whole tables, one that applies events. What they make belongs to the owner of the live tables, whoever
 * runs the rebuild.
 */
async function openPools(url: string): Promise<Pools> {
  const options = { url, service: 'rebuild', schema: nextSchema, settings: await asOwner(url) };
  return {
    // An hour: the largest index of a long stream.
    admin: createPostgres({ ...options, pool: 3, statementTimeoutMs: 3_600_000 }),
    next: createPostgres({ ...options, pool: 1, settings: { ...options.settings, ...projectingSettings } }),
  };
}

/** Settings with which sessions act as the owner of the live tables; none for the owner itself. */
async function asOwner(url: string): Promise<Record<string, string>> {
  const sql = createPostgres({ url, service: 'rebuild', schema: readSchema, pool: 1 });
  try {
    const [other] = await sql<{ role: string }[]>`
      select pg_get_userbyid(nspowner) as role from pg_namespace
      where nspname = ${readSchema} and pg_get_userbyid(nspowner) <> current_user`;
    return other ? { role: other.role } : {};
  } catch (error) {
    throw asTransient(error);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function liveCheckpoint(sql: Sql): Promise<Checkpoint> {
  const [row] = await sql.unsafe<Checkpoint[]>(
    `select stream_identity as "streamIdentity", epoch, sequence from ${readSchema}.checkpoint`,
  );
  return row!;
}

/** Removes repeated events from the timeline, which its missing index let in. The first one counts. */
async function forgetRepeated(sql: Sql): Promise<void> {
  await sql`
    delete from timeline t using (select event_id, min(position) as first from timeline group by 1 having count(*) > 1) as told
    where t.event_id = told.event_id and t.position > told.first`;
}

/** Applies the stream up to a sequence. */
async function replayTo(
  bus: Bus,
  deps: ApplyDeps,
  toSequence: number,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  let checkpoint = await readCheckpoint(deps.sql);
  const { epoch, sequence } = checkpoint;
  const range = {
    fromSequence: sequence + 1,
    toSequence,
    batchMax,
    signal: new AbortController().signal,
    toEntry: (message: LoggedMessage) => toEntry(message, epoch, deps.log),
  };
  await readEventLogUpTo(bus, range, async (batch) => {
    checkpoint = await applyBatch(deps, batch, checkpoint);
    onProgress(checkpoint.sequence, toSequence);
  });
}

/** Holds the live projector at its checkpoint, catches up with it exactly, and renames the schemas. */
async function swap(
  bus: Bus,
  admin: Sql,
  deps: ApplyDeps,
  refuse: (tx: Tx) => Promise<void>,
  onProgress: (done: number, total: number) => void,
): Promise<Checkpoint> {
  // Catch up without the lock first, so that the live projector is held for a moment only.
  await replayTo(bus, deps, (await liveCheckpoint(admin)).sequence, onProgress);
  await admin.begin(async (tx) => {
    const [live] = await tx.unsafe<{ sequence: number }[]>(
      `select sequence from ${readSchema}.checkpoint for update`,
    );
    await replayTo(bus, deps, live!.sequence, onProgress);
    await refuse(tx);
    await tx.unsafe(`
      drop schema if exists ${oldSchema} cascade;
      alter schema ${readSchema} rename to ${oldSchema};
      alter schema ${nextSchema} rename to ${readSchema}`);
    // In the same transaction: its readers would be locked out of the new ones.
    await copyGrants(tx, { from: oldSchema, to: readSchema });
  });
  return liveCheckpoint(admin);
}
