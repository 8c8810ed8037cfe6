import { createHash } from 'node:crypto';
import type { AdvisoryRow } from '@sluice/advisories';
import {
  advisoriesChanged,
  advisoriesImported,
  changedPackagesMax,
  makeEvent,
  PermanentError,
  uuidV7,
  type EventData,
  type Names,
} from '@sluice/contracts';
import { toMessage, addToOutbox } from '@sluice/delivery';
import type { Sql, Tx } from '@sluice/postgres';
import { readAdvisoryFiles, type AdvisoryFile } from './read-advisory-files.ts';

export interface AdvisoryImport {
  /** OSV's name of it. */
  ecosystem: string;
  result: 'imported' | 'unchanged';
  version: string;
  recordCount: number;
  /** Files that are no OSV records. */
  junkCount: number;
}

export interface ImportOptions {
  /** Those whose records are taken in. */
  ecosystems: readonly Names[];
  /** Name of the source in the records of imports; its path otherwise. */
  sourceName?: string;
  onProgress?: (filesRead: number) => void;
}

/** Rows sent to Postgres at once: some 2 MB. */
const batchRows = 1_000;
const progressEvery = 1_000;
/** 50 events. A refresh changes some hundred packages, a first import all. */
const namedMax = 10_000;

/**
 * Replaces the sets of advisories by those of a zip file or folder of OSV records, in one transaction: matching
 * goes on with the old sets until the new ones are complete. A set with the same content is left as it is.
 * @throws PermanentError `advisories.invalid` when there is no OSV record in it.
 */
export async function importAdvisories(
  sql: Sql,
  source: string,
  options: ImportOptions,
): Promise<AdvisoryImport[]> {
  return sql.begin(async (tx) => {
    // Merging a first full export takes longer than any statement of ordinary work.
    await tx`set local statement_timeout = 0`;
    await tx`select pg_advisory_xact_lock(hashtext('sluice advisory import'))`;
    await tx`create temporary table incoming (ecosystem text, package text, id text, record jsonb) on commit drop`;
    const read = await load(tx, source, options);
    if (read.sets.size === 0) {
      throw new PermanentError('advisories.invalid', `No OSV record among ${read.fileCount} files.`);
    }
    await tx`analyze incoming`;
    const imports: AdvisoryImport[] = [];
    for (const [ecosystem, set] of read.sets) {
      const version = versionOf(set.files);
      const known = await tx<
        { version: string }[]
      >`select version from advisory_sets where ecosystem = ${ecosystem}`;
      const result = known[0]?.version === version ? 'unchanged' : 'imported';
      const recordCount = set.files.length;
      if (result === 'imported') {
        const changed = await merge(tx, ecosystem);
        await saveSet(tx, { ecosystem, version, recordCount, source: options.sourceName ?? source });
        await announceChanged(tx, ecosystem, version, changed);
      }
      imports.push({ ecosystem, result, version, recordCount, junkCount: read.junkCount });
    }
    await announce(tx, imports, options.sourceName ?? source);
    return imports;
  }) as Promise<AdvisoryImport[]>;
}

interface Loaded {
  /** By ecosystem, name and digest of each file that has a record of it. */
  sets: Map<string, { files: string[] }>;
  fileCount: number;
  junkCount: number;
}

async function load(tx: Tx, source: string, options: ImportOptions): Promise<Loaded> {
  const loaded: Loaded = { sets: new Map(), fileCount: 0, junkCount: 0 };
  let batch: AdvisoryRow[] = [];
  for await (const file of readAdvisoryFiles(source, options.ecosystems)) {
    loaded.fileCount += 1;
    if (file.rows === null) loaded.junkCount += 1;
    batch.push(...counted(file, loaded));
    if (batch.length >= batchRows) {
      await insertBatch(tx, batch);
      batch = [];
    }
    if (loaded.fileCount % progressEvery === 0) options.onProgress?.(loaded.fileCount);
  }
  if (batch.length > 0) await insertBatch(tx, batch);
  options.onProgress?.(loaded.fileCount);
  return loaded;
}

/** The rows of a file, which count for the sets of their ecosystems. */
function counted(file: AdvisoryFile, loaded: Loaded): AdvisoryRow[] {
  const rows = file.rows ?? [];
  for (const name of new Set(rows.map((row) => row.ecosystem))) {
    const set = loaded.sets.get(name) ?? { files: [] };
    set.files.push(`${rows[0]!.record.id} ${file.digest}`);
    loaded.sets.set(name, set);
  }
  return rows;
}

async function insertBatch(tx: Tx, rows: AdvisoryRow[]): Promise<void> {
  const json = rows.map((row) => ({ ...row, id: row.record.id }));
  await tx`
    insert into incoming
    select ecosystem, package, id, record
    from jsonb_to_recordset(${tx.json(json as never)}) as r(ecosystem text, package text, id text, record jsonb)`;
}

/**
 * Writes only changed records: from one day to the next those are a few hundred of two hundred thousand.
 * @returns names of the packages that they are about, in order; null when they are more than `namedMax`.
 */
async function merge(tx: Tx, ecosystem: string): Promise<string[] | null> {
  await tx`create temporary table changed (package text) on commit drop`;
  await tx`
    with gone as (
      delete from advisories a where a.ecosystem = ${ecosystem} and not exists (
        select from incoming i where i.ecosystem = a.ecosystem and i.package = a.package and i.id = a.id)
      returning package)
    insert into changed select package from gone`;
  await tx`
    with written as (
    insert into advisories (ecosystem, package, id, record)
    select distinct on (package, id) ecosystem, package, id, record from incoming
    where ecosystem = ${ecosystem} order by package, id
    on conflict (ecosystem, package, id) do update set record = excluded.record
    where advisories.record is distinct from excluded.record
    returning package)
    insert into changed select package from written`;
  const names = await tx<{ package: string }[]>`
    select distinct package from changed order by package limit ${namedMax + 1}`;
  await tx`drop table changed`;
  return names.length > namedMax ? null : names.map((row) => row.package);
}

async function saveSet(
  tx: Tx,
  set: { ecosystem: string; version: string; recordCount: number; source: string },
): Promise<void> {
  await tx`
    insert into advisory_sets (ecosystem, version, source, record_count)
    values (${set.ecosystem}, ${set.version}, ${set.source}, ${set.recordCount})
    on conflict (ecosystem) do update set
      version = excluded.version, source = excluded.source,
      record_count = excluded.record_count, imported_at = now()`;
}

/** The order in which files were read does not matter, and neither does how they were packed. */
function versionOf(files: string[]): string {
  const hash = createHash('sha256');
  for (const file of files.toSorted()) hash.update(`${file}\n`);
  return `sha256:${hash.digest('hex')}`;
}

/** Says which packages have other advisories than before; nothing when none has. */
async function announceChanged(
  tx: Tx,
  ecosystem: string,
  version: string,
  changed: string[] | null,
): Promise<void> {
  const time = new Date();
  const toChanged = (packages: string[] | null) =>
    toMessage(
      makeEvent(advisoriesChanged, {
        id: uuidV7(),
        source: 'scanner',
        subject: ecosystem,
        time,
        data: { ecosystem, version, packages, changedAt: time.toISOString() },
      }),
    );
  const lots = [];
  for (let start = 0; changed !== null && start < changed.length; start += changedPackagesMax)
    lots.push(changed.slice(start, start + changedPackagesMax));
  await addToOutbox(tx, changed === null ? [toChanged(null)] : lots.map(toChanged));
}

async function announce(tx: Tx, imports: AdvisoryImport[], source: string): Promise<void> {
  for (const { ecosystem, result } of imports)
    await announceAdvisories(tx, { ecosystem, result, detail: null, source });
}

/** Puts a fact about an ecosystem's advisories into the outbox, with the set that holds now. */
export async function announceAdvisories(
  tx: Tx,
  fact: Pick<EventData<typeof advisoriesImported>, 'ecosystem' | 'result' | 'detail' | 'source'>,
): Promise<void> {
  const [set] = await tx<{ version: string; recordCount: number; importedAt: Date }[]>`
    select version, record_count as "recordCount", imported_at as "importedAt"
    from advisory_sets where ecosystem = ${fact.ecosystem}`;
  const now = new Date();
  const event = makeEvent(advisoriesImported, {
    id: uuidV7(),
    source: 'scanner',
    subject: fact.ecosystem,
    time: now,
    data: {
      ...fact,
      version: set?.version ?? null,
      recordCount: set?.recordCount ?? 0,
      importedAt: set?.importedAt.toISOString() ?? null,
      checkedAt: now.toISOString(),
    },
  });
  await addToOutbox(tx, [toMessage(event)]);
}
