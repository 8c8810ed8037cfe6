import { testPostgres, waitFor } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { createPostgres } from './client.ts';
import type { Sql } from './sql.ts';
import { asTransient, isPostgresOutage } from './transient.ts';

const postgres = await testPostgres();
const sql = postgres.connect('public');
const errorOf = async (query: Promise<unknown>): Promise<unknown> =>
  query.then(
    () => expect.unreachable('it worked'),
    (error: unknown) => error,
  );
const outage = { name: 'TransientError', code: 'backend.unavailable', host: 'postgres' };

async function backend(on: Sql): Promise<number> {
  const [row] = await on<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row!.pid;
}

it('a connection that was terminated is an outage, and the pool connects again', async () => {
  const victim = postgres.connect('public', { pool: 1 });
  const pid = await backend(victim);
  const sleeping = errorOf(victim`select pg_sleep(60)`);
  await sql`select pg_terminate_backend(${pid})`;
  const error = await sleeping;
  expect(asTransient(error)).toMatchObject({ ...outage, cause: error });
  await waitFor(async () => (await backend(victim)) !== pid, { what: 'another connection' });
});

it('a statement that takes too long, and a lock that does not come, are outages', async () => {
  const impatient = postgres.connect('public', { statementTimeoutMs: 50 });
  expect(asTransient(await errorOf(impatient`select pg_sleep(60)`))).toMatchObject(outage);
  await sql`create table contested (x int)`;
  await sql.begin(async (tx) => {
    await tx`lock table contested`;
    expect(asTransient(await errorOf(impatient`select * from contested`))).toMatchObject(outage);
  });
});

it('a server that is not there is an outage', async () => {
  const nowhere = createPostgres({ url: 'postgres://127.0.0.1:1/none', service: 'test', schema: 'public' });
  const error = await errorOf(nowhere`select 1`);
  await nowhere.end();
  expect(asTransient(error)).toMatchObject(outage);
  expect(asTransient(await errorOf(nowhere`select 1`))).toMatchObject(outage);
});

it('a deadlock is an outage for the one that loses', async () => {
  await sql`create table pair (id int primary key, n int)`;
  await sql`insert into pair values (1, 0), (2, 0)`;
  let arrived = 0;
  let open = () => {};
  const both = new Promise<void>((resolve) => (open = resolve));
  const cross = (first: number, second: number) =>
    sql.begin(async (tx) => {
      await tx`update pair set n = n + 1 where id = ${first}`;
      arrived += 1;
      if (arrived === 2) open();
      await both;
      await tx`update pair set n = n + 1 where id = ${second}`;
    });
  const results = await Promise.allSettled([cross(1, 2), cross(2, 1)]);
  const lost = results.filter((result) => result.status === 'rejected');
  expect(lost).toHaveLength(1);
  expect(asTransient(lost[0]!.reason)).toMatchObject(outage);
});

it('a fault of the statement is no outage', async () => {
  await sql`create table strict (id int primary key)`;
  await sql`insert into strict values (1)`;
  for (const wrong of [
    sql`insert into strict values (1)`,
    sql`select * from missing`,
    sql`select 1 / 0`,
    sql`selekt`,
  ]) {
    const error = await errorOf(wrong);
    expect(isPostgresOutage(error)).toBe(false);
    expect(asTransient(error)).toBe(error);
  }
  for (const other of [null, undefined, 'text', new Error('x'), { code: 53300 }]) {
    expect(asTransient(other)).toBe(other);
  }
});
