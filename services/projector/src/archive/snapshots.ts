import { Readable, pipeline } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { ArtifactStore } from '@sluice/artifacts';
import { migrate, type Sql, type Tx } from '@sluice/postgres';
import { readCheckpoint } from '../apply.ts';
import { projectorMigrations } from '../schema.ts';
import { tables } from '../table-contents.ts';
import { archiveSchema, archiveUnreadable } from './segments.ts';

/** Read models as they stood at an event, in one file of the artifact store. */
export interface Snapshot {
  epoch: number;
  sequence: number;
  migration: string;
  digest: string;
}

/** Rows read or written in one statement. */
const batchRows = 2_000;

/** @returns all snapshots, the newest last. */
export function listSnapshots(sql: Sql): Promise<Snapshot[]> {
  return sql<Snapshot[]>`
    select epoch, sequence, migration, digest from ${sql(archiveSchema)}.snapshots order by epoch, sequence`;
}

/** Stores the live read models and their checkpoint, as of one moment. */
export async function takeSnapshot(sql: Sql, artifacts: ArtifactStore): Promise<Snapshot> {
  return (await sql.begin('isolation level repeatable read', async (tx) => {
    const { epoch, sequence } = await readCheckpoint(tx);
    const [newest] = await tx<{ name: string }[]>`select max(name) as name from schema_migrations`;
    const file = pipeline(Readable.from(linesOf(tx)), createGzip(), () => {});
    const { digest } = await artifacts.put(file);
    const snapshot = { epoch, sequence, migration: newest!.name, digest };
    await tx`insert into ${tx(archiveSchema)}.snapshots ${tx(snapshot)} on conflict do nothing`;
    return snapshot;
  })) as Snapshot;
}

/** One JSON line for each row, with its table. */
async function* linesOf(tx: Tx): AsyncGenerator<string> {
  for (const table of tables) {
    const rows = tx<{ row: string }[]>`select row_to_json(t)::text as row from ${tx(table)} t`;
    for await (const batch of rows.cursor(batchRows))
      yield batch.map(({ row }) => `{"table":"${table}","row":${row}}\n`).join('');
  }
}

/**
 * Makes a schema of the migrations that a snapshot was written with, fills it, and applies the later migrations, as they
 * were applied to the live read models.
 */
export async function restoreSnapshot(
  sql: Sql,
  schema: string,
  artifacts: ArtifactStore,
  { epoch, sequence, migration, digest }: Snapshot,
): Promise<void> {
  await migrate(sql, { ...projectorMigrations, schema, upTo: migration });
  try {
    await fill(sql, schema, await artifacts.open(digest));
  } catch (cause) {
    throw archiveUnreadable(`The snapshot of event ${sequence} of epoch ${epoch}`, digest, cause);
  }
  await sql`update ${sql(schema)}.checkpoint set epoch = ${epoch}, sequence = ${sequence}`;
  await migrate(sql, { ...projectorMigrations, schema });
}

async function fill(sql: Sql, schema: string, packed: Readable): Promise<void> {
  let table = '';
  let rows: string[] = [];
  const write = async () => {
    if (rows.length > 0) {
      await sql`
        insert into ${sql(schema)}.${sql(table)}
        select * from json_populate_recordset(null::${sql(schema)}.${sql(table)}, ${`[${rows.join(',')}]`}::text::json)`;
    }
    rows = [];
  };
  for await (const line of linesIn(pipeline(packed, createGunzip(), () => {}))) {
    const [, name = '', row = ''] = /^\{"table":"(\w+)","row":(.*)\}$/s.exec(line) ?? [];
    if (name !== table || rows.length >= batchRows) await write();
    table = name;
    rows.push(row);
  }
  await write();
}

/** Lines of a text stream; an error of the stream is thrown, which `node:readline` does not do. */
async function* linesIn(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}
