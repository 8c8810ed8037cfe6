import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { testPostgres } from '@sluice/testkit';
import { expect, it, onTestFinished } from 'vitest';
import type { Sql } from './sql.ts';
import { migrate, type MigrateOptions } from './migrate.ts';

const postgres = await testPostgres();
const sql = postgres.connect('public');

/** A folder of migrations and a schema that nobody else uses. */
async function migrations(files: Record<string, string>) {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-migrations-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const write = async (name: string, text: string) => writeFile(path.join(folder, name), text);
  for (const [name, text] of Object.entries(files)) await write(name, text);
  const schema = path.basename(folder).toLowerCase().replaceAll('-', '_');
  const url = pathToFileURL(`${folder}/`);
  const remove = (name: string) => rm(path.join(folder, name));
  const run = (on: Sql = sql, options: Partial<MigrateOptions> = {}) =>
    migrate(on, { schema, folder: url, ...options });
  return { schema, write, remove, run };
}
const tablesOf = async (schema: string) => {
  const rows = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = ${schema} order by 1`;
  return rows.map(({ name }) => name);
};

it('applies each file once, in the order of their numbers, and nothing that is no migration', async () => {
  const { schema, write, run } = await migrations({
    '0002-b.sql': 'alter table a add column second int;',
    '0001-a.sql': 'create table a (first int);',
    'notes.sql': 'no sql at all',
  });
  expect(await run()).toEqual(['0001-a.sql', '0002-b.sql']);
  expect(await run()).toEqual([]);
  await write('0003-c.sql', 'create table c (x int);');
  expect(await run()).toEqual(['0003-c.sql']);
  expect(await tablesOf(schema)).toEqual(['a', 'c', 'schema_migrations']);
});

it('has one of several starters migrate, and the others wait for it', async () => {
  const { run } = await migrations({
    '0001-a.sql': 'create table a (x int); select pg_sleep(0.05);',
    '0002-b.sql': 'create table b (x int);',
  });
  const pools = Array.from({ length: 4 }, () => postgres.connect('public', { pool: 1 }));
  const applied = await Promise.all(pools.map((pool) => run(pool)));
  expect(applied.flat()).toEqual(['0001-a.sql', '0002-b.sql']);
});

it('refuses a file that was changed after it was applied', async () => {
  const { write, run } = await migrations({ '0001-a.sql': 'create table a (x int);' });
  await run();
  await write('0001-a.sql', 'create table a (x bigint);');
  await expect(run()).rejects.toThrow('0001-a.sql was changed');
});

it('rolls a failing file back whole, keeps those before it, and can go on once it is mended', async () => {
  const { schema, write, run } = await migrations({
    '0001-a.sql': 'create table a (x int);',
    '0002-b.sql': 'create table b (x int); insert into b values (1); select 1 / 0;',
  });
  await expect(run()).rejects.toThrow('0002-b.sql failed: division by zero');
  expect(await tablesOf(schema)).toEqual(['a', 'schema_migrations']);
  await write('0002-b.sql', 'create table b (x int);');
  expect(await run()).toEqual(['0002-b.sql']);
  expect(await tablesOf(schema)).toEqual(['a', 'b', 'schema_migrations']);
});

it('leaves the connection as it was: in no schema and in no transaction', async () => {
  const one = postgres.connect('public', { pool: 1 });
  const { run } = await migrations({ '0001-a.sql': 'create table a (x int);' });
  await run(one);
  expect(await one`show search_path`).toEqual([{ search_path: 'public' }]);
  expect(await one`show statement_timeout`).toEqual([{ statement_timeout: '10s' }]);
  const { run: runFailing } = await migrations({ '0001-a.sql': 'create tabel' });
  await expect(runFailing(one)).rejects.toThrow('0001-a.sql failed');
  await expect(runFailing(one)).rejects.toThrow('0001-a.sql failed');
  expect(await one`select 1 as one`).toEqual([{ one: 1 }]);
});

it('lets a database be ahead of the code: a newer version migrated it already', async () => {
  const { schema, remove, run } = await migrations({
    '0001-a.sql': 'create table a (x int);',
    '0002-b.sql': 'create table b (x int);',
  });
  await run();
  await remove('0002-b.sql');
  expect(await run()).toEqual([]);
  expect(await tablesOf(schema)).toContain('b');
});

it('only compares when it may not apply, and says what is missing', async () => {
  const { write, run } = await migrations({ '0001-a.sql': 'create table a (x int);' });
  const outdated = { code: 'database.outdated', message: expect.stringMatching(/lacks .*\/0001-a\.sql/) };
  await expect(run(sql, { mayApply: false })).rejects.toMatchObject(outdated);
  await run();
  expect(await run(sql, { mayApply: false })).toEqual([]);
  await write('0002-b.sql', 'create table b (x int);');
  await expect(run(sql, { mayApply: false })).rejects.toMatchObject({ code: 'database.outdated' });
});
