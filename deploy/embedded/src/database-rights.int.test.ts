import { randomBytes } from 'node:crypto';
import { createPostgres, type Sql } from '@sluice/postgres';
import {
  ownerRole,
  postgresRights,
  postgresSetupSql,
  postgresUsers,
  roleName,
  type PostgresUser,
} from '@sluice/rights';
import { testPostgres } from '@sluice/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateInstallation } from './migrate-installation.ts';

/** Roles belong to the whole cluster, which other test files use as well. */
const prefix = `t${randomBytes(6).toString('hex')}`;
const postgres = await testPostgres();
const database = new URL(postgres.url).pathname.slice(1);
const admin = postgres.connect('public', { pool: 1 });
const passwords = Object.fromEntries(
  postgresUsers.map((user) => [user, randomBytes(24).toString('base64url')]),
) as Record<PostgresUser, string>;
const pools = new Map<PostgresUser, Sql>();

function connectAs(user: PostgresUser): Sql {
  const known = pools.get(user);
  if (known) return known;
  const url = new URL(postgres.url);
  url.username = roleName(user, prefix);
  url.password = passwords[user];
  const pool = createPostgres({ url: url.href, service: user, schema: 'public', pool: 1 });
  pools.set(user, pool);
  return pool;
}

beforeAll(async () => {
  // As a version without roles left it: everything belongs to one role.
  await admin`create schema scanner`;
  await admin`create table scanner.schema_migrations
    (name text primary key, checksum text not null, applied_at timestamptz not null default now())`;
  const setup = postgresSetupSql({ database, passwords, prefix });
  await admin.unsafe(setup);
  // Again: it changes nothing.
  await admin.unsafe(setup);
  for (const password of Object.values(passwords)) expect(setup).not.toContain(password);
});
afterAll(async () => {
  await Promise.all([...pools.values()].map((pool) => pool.end({ timeout: 5 })));
});

it('the role for migrations makes all tables, as the owners of the schemas', async () => {
  const sql = connectAs('migrate');
  expect((await migrateInstallation(sql, { prefix })).length).toBeGreaterThan(50);
  expect(await migrateInstallation(sql, { prefix })).toEqual([]);
  const owners = await admin<{ schema: string; owner: string }[]>`
    select distinct nspname as schema, pg_get_userbyid(relowner) as owner
    from pg_class join pg_namespace as n on n.oid = relnamespace
    where relkind in ('r', 'S', 'v') and nspname in ${admin(postgresRights.map(({ schema }) => schema))}`;
  expect(new Map(owners.map(({ schema, owner }) => [schema, owner]))).toEqual(
    new Map(postgresRights.map((rights) => [rights.schema, ownerRole(rights, prefix)])),
  );
});

const tablesOf = async (schema: string): Promise<string[]> =>
  (
    await admin<{ name: string }[]>`
      select quote_ident(table_schema) || '.' || quote_ident(table_name) as name
      from information_schema.tables where table_schema = ${schema}`
  ).map(({ name }) => name);

/** What a statement is answered with: `done`, or the error's code. */
const tried = (sql: Sql, statement: string): Promise<string> =>
  sql.unsafe(statement).then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  );

const forbidden = '42501';

/** Statements that would do something to a table, and change nothing. */
const reading = (table: string) => `select * from ${table} limit 0`;
const adding = (table: string) => `insert into ${table} select * from ${table} where false`;
const removing = (table: string) => `delete from ${table} where false`;
const shaping = (table: string) => [
  `alter table ${table} add column extra int`,
  `truncate ${table}`,
  `drop table ${table}`,
];

const services = postgresUsers.filter((user) => user !== 'migrate');

describe.each(services)('%s', (user) => {
  it('can use its own tables', async () => {
    const sql = connectAs(user);
    for (const { schema, owner, writer, reader, appendOnly = [] } of postgresRights) {
      const isOwner = 'user' in owner && owner.user === user;
      for (const table of await tablesOf(schema)) {
        const isKept = [...appendOnly, 'schema_migrations'].some((one) => table === `${schema}.${one}`);
        const isWritten = isOwner || (writer === user && !table.endsWith('.schema_migrations'));
        expect([table, await tried(sql, reading(table))]).toEqual([
          table,
          isOwner || writer === user || reader === user ? 'done' : forbidden,
        ]);
        // An identity is the database's alone to give: that is another error, after the right was found.
        const added = await tried(sql, adding(table));
        expect([table, added === forbidden]).toEqual([table, !isWritten]);
        expect([table, await tried(sql, removing(table))]).toEqual([
          table,
          isOwner || (writer === user && !isKept) ? 'done' : forbidden,
        ]);
      }
    }
  });

  it('is refused everything else', async () => {
    const sql = connectAs(user);
    const statements: string[] = [];
    for (const { schema, owner } of postgresRights) {
      if ('user' in owner && owner.user === user) continue;
      statements.push(`create table ${schema}.mine (x int)`, `drop schema ${schema} cascade`);
      for (const table of await tablesOf(schema)) statements.push(...shaping(table));
    }
    for (const other of [
      ...postgresUsers.filter((one) => one !== user).map((one) => roleName(one, prefix)),
      ...new Set(postgresRights.map((rights) => ownerRole(rights, prefix))),
    ])
      if (other !== roleName(user, prefix)) statements.push(`set role "${other}"`);
    statements.push(
      'create table public.mine (x int)',
      'create role mine',
      `alter role "${roleName(user, prefix)}" createdb`,
      `alter database ${database} owner to "${roleName(user, prefix)}"`,
      'select * from pg_authid',
      "select pg_read_file('/etc/passwd')",
      "copy (select 1) to program 'true'",
      "copy (select 1) to '/tmp/mine'",
      ...(user === 'projector' ? [] : ['create schema mine']),
    );
    for (const statement of statements)
      expect([statement, await tried(sql, statement)]).toEqual([statement, forbidden]);
  });
});

it('append-only tables keep what they have against their own service', async () => {
  const aggregator = connectAs('aggregator');
  const gateway = connectAs('gateway');
  const statements: [Sql, string][] = [
    [aggregator, "update aggregator.decisions set reason = 'another'"],
    [aggregator, "update aggregator.audit set actor = 'another'"],
    [aggregator, 'delete from aggregator.audit'],
    [gateway, 'delete from gateway.audit'],
    [gateway, "update read.packages set purl = 'another'"],
  ];
  for (const [sql, statement] of statements)
    expect([statement, await tried(sql, statement)]).toEqual([statement, forbidden]);
});
