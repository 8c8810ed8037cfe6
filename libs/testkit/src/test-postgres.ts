import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { createPostgres, migrate, type PostgresOptions, type Sql } from '@sluice/postgres';
import { afterAll } from 'vitest';
import { askTestServers } from './ask-test-servers.ts';
import { isTrueWithin } from './wait-for.ts';

/** A schema of the database, with its folder of numbered migrations. */
export interface TestMigrations {
  schema: string;
  folder: URL;
}

export interface TestPostgres {
  /** Of the file's own database. */
  url: string;
  /** A connection pool that is closed when the file ends. Pools that a test makes itself, it must close itself. */
  connect(schema: string, options?: Partial<PostgresOptions>): Sql;
}

// A backend needs a moment after its client has closed the connection.
const CLOSE_MS = 3_000;

/**
 * A database of its own for the calling test file, copied from a template that was migrated once in the run, and
 * dropped when the file ends. Call it at the top level of the file, before other hooks:
 * `const db = await testPostgres([{ schema: 'license', folder: new URL('../migrations/', import.meta.url) }]);`.
 * A connection that is still open at the end fails the file.
 */
export async function testPostgres(migrations: TestMigrations[] = []): Promise<TestPostgres> {
  const { postgresUrl } = await askTestServers('/postgres');
  const admin = connectTo(postgresUrl as string, 'testkit', 'public', { pool: 1 });
  const template = await ensureTemplate(admin, postgresUrl as string, migrations);
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  await admin.unsafe(`create database ${database} template ${template}`);
  const url = withDatabase(postgresUrl as string, database);
  const pools: Sql[] = [];
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end({ timeout: 5 })));
    const open = await openConnections(admin, database);
    await admin.unsafe(`drop database ${database} with (force)`);
    await admin.end();
    if (open.length > 0) throw new Error(`Database connections were left open:\n  ${open.join('\n  ')}`);
  });
  return {
    url,
    connect(schema, options = {}) {
      const pool = connectTo(url, 'test', schema, options);
      pools.push(pool);
      return pool;
    },
  };
}

function connectTo(url: string, service: string, schema: string, options: Partial<PostgresOptions>): Sql {
  return createPostgres({ service, schema, pool: 4, ...options, url });
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** One template per set of migrations and run; the first caller makes it, the others wait for the lock. */
async function ensureTemplate(admin: Sql, url: string, migrations: TestMigrations[]): Promise<string> {
  if (migrations.length === 0) return 'template1';
  const name = `template_${await digestOf(migrations)}`;
  const unfinished = `${name}_new`;
  await admin`select pg_advisory_lock(hashtext(${name}))`;
  try {
    const known = await admin`select 1 from pg_database where datname = ${name}`;
    if (known.length > 0) return name;
    await admin.unsafe(`drop database if exists ${unfinished} with (force)`);
    await admin.unsafe(`create database ${unfinished}`);
    for (const { schema, folder } of migrations) {
      const sql = connectTo(withDatabase(url, unfinished), 'testkit', schema, { pool: 1 });
      try {
        await migrate(sql, { schema, folder });
      } finally {
        await sql.end();
      }
    }
    // It gets its name when it is complete; a failed migration is simply tried again.
    await isTrueWithin(CLOSE_MS, async () => (await connectionsOf(admin, unfinished)).length === 0);
    await admin.unsafe(`alter database ${unfinished} rename to ${name}`);
    return name;
  } finally {
    await admin`select pg_advisory_unlock(hashtext(${name}))`;
  }
}

async function digestOf(migrations: TestMigrations[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { schema, folder } of migrations) {
    hash.update(`${schema}\0`);
    for (const file of (await readdir(folder)).toSorted()) {
      if (!file.endsWith('.sql')) continue;
      hash.update(`${file}\0`).update(await readFile(new URL(file, folder)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function openConnections(admin: Sql, database: string): Promise<string[]> {
  let open: string[] = [];
  await isTrueWithin(CLOSE_MS, async () => {
    open = await connectionsOf(admin, database);
    return open.length === 0;
  });
  return open;
}

async function connectionsOf(admin: Sql, database: string): Promise<string[]> {
  const rows = await admin<{ name: string; query: string }[]>`
    select application_name as name, left(query, 100) as query from pg_stat_activity
    where datname = ${database} and backend_type = 'client backend'`;
  return rows.map(({ name, query }) => `${name}: ${query}`);
}
