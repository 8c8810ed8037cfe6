import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PermanentError } from '@sluice/contracts';
import type postgres from 'postgres';
import type { Sql } from './sql.ts';

export interface MigrateOptions {
  schema: string;
  /** Of numbered SQL files, `0001-name.sql`. */
  folder: URL;
  /** The last file to apply; all unless given. */
  upTo?: string;
  /** The role that is to own what is made; the session's own unless given. The session may have to be a member of it. */
  owner?: string | undefined;
  /** False only compares. Default true. */
  mayApply?: boolean;
}

interface Migration {
  file: string;
  text: string;
  checksum: string;
}

/**
 * Applies a folder of numbered SQL files to a schema, each once and in its own transaction.
 * Several processes may start at once: an advisory lock lets one migrate and the others wait. A file that was
 * changed after it was applied is an error; a database that is ahead of the code is not (a rolling update). Where nothing is
 * to be applied, it needs no other right than to read which files were.
 * @returns the names of the files that were applied.
 * @throws PermanentError `database.outdated` when files are missing that may not be applied.
 */
export async function migrate(sql: Sql, options: MigrateOptions): Promise<string[]> {
  const { schema, owner, mayApply = true } = options;
  const migrations = await readMigrations(options);
  const connection = await sql.reserve();
  const lock = `sluice migrate ${schema}`;
  try {
    await connection`select pg_advisory_lock(hashtext(${lock}))`;
    const known = await appliedIn(connection, schema);
    const missing = migrations.filter(({ file, checksum }) =>
      isMissing(schema, file, checksum, known.get(file)),
    );
    if (missing.length === 0) return [];
    if (!mayApply) {
      const files = missing.map(({ file }) => `${schema}/${file}`).join(', ');
      throw new PermanentError(
        'database.outdated',
        `The database lacks ${files}; run \`sluice migrate\` first.`,
      );
    }
    if (owner) await connection.unsafe(`set role "${owner}"`);
    await ensureSchema(connection, schema);
    for (const migration of missing) await apply(connection, schema, migration);
    return missing.map(({ file }) => file);
  } finally {
    // Functions for one migration are in the way of those of the same name that another role makes in this session.
    if (owner) await connection.unsafe('reset role; discard temp').catch(() => {});
    await connection`select pg_advisory_unlock(hashtext(${lock}))`.catch(() => {});
    connection.release();
  }
}

async function readMigrations({ folder, upTo }: MigrateOptions): Promise<Migration[]> {
  const files = (await readdir(folder))
    .filter((file) => /^\d{4}-.+\.sql$/.test(file) && (upTo === undefined || file <= upTo))
    .toSorted();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(path.join(fileURLToPath(folder), file), 'utf8');
      return { file, text, checksum: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

/** @returns checksums by file. */
async function appliedIn(connection: postgres.ReservedSql, schema: string): Promise<Map<string, string>> {
  const table = `"${schema}".schema_migrations`;
  const [found] = await connection<
    { isThere: boolean }[]
  >`select to_regclass(${table}) is not null as "isThere"`;
  if (!found?.isThere) return new Map();
  const rows = await connection.unsafe<{ name: string; checksum: string }[]>(
    `select name, checksum from ${table}`,
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

function isMissing(schema: string, file: string, checksum: string, before: string | undefined): boolean {
  if (before !== undefined && before !== checksum)
    throw new Error(`Migration ${schema}/${file} was changed after it was applied; add a new file instead.`);
  return before === undefined;
}

/** Looks first: to make what is there already needs rights on the database, and fails without them. */
async function ensureSchema(connection: postgres.ReservedSql, schema: string): Promise<void> {
  const [found] = await connection`select 1 from pg_namespace where nspname = ${schema}`;
  if (!found) await connection.unsafe(`create schema "${schema}"`);
  await connection.unsafe(
    `create table if not exists "${schema}".schema_migrations (
       name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
  );
}

/**
 * One simple-protocol query: the file and its record commit together. Building an index may outlast the statement timeout
 * of ordinary work.
 */
async function apply(
  connection: postgres.ReservedSql,
  schema: string,
  { file, text, checksum }: Migration,
): Promise<void> {
  await connection
    .unsafe(
      `begin; set local statement_timeout = 0; set local search_path = "${schema}";\n${text}\n;
       insert into "${schema}".schema_migrations (name, checksum) values ('${file}', '${checksum}'); commit;`,
    )
    .catch(async (error: unknown) => {
      await connection.unsafe('rollback');
      throw new Error(`Migration ${schema}/${file} failed: ${(error as Error).message}`, { cause: error });
    });
}
