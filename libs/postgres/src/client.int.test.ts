import { testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { createPostgres } from './client.ts';
import type { Tx } from './sql.ts';
import { asTransient } from './transient.ts';

const postgres = await testPostgres();
const admin = postgres.connect('public');
const sql = createPostgres({ url: postgres.url, service: 'test', schema: 'public', pool: 2 });
// At once: the driver would wait for what was on its way when the connection was lost.
afterAll(() => sql.end({ timeout: 0 }));
const outage = { code: 'backend.unavailable', host: 'postgres' };

/** What a crash of Postgres does to a connection, between two statements of a transaction. */
async function lose(tx: Tx): Promise<void> {
  const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const closed = tx`select pg_sleep(60)`.catch(() => {});
  await admin`select pg_terminate_backend(${row!.pid})`;
  await closed;
  // The driver learns of the closed socket a moment after the last words of the server.
  await admin`select pg_sleep(0.05)`;
}

describe('a transaction whose connection is lost', () => {
  it.each<[string, (tx: Tx) => Promise<unknown>]>([
    ['before its next statement', (tx) => tx`select 1`],
    ['before its next statement of another kind', (tx) => tx.unsafe('select 1')],
    ['before its commit', async () => 'result'],
    ['before its rollback', () => Promise.reject(new Error('its own'))],
  ])('%s is an outage, and the process lives', async (_, next) => {
    const failing = sql.begin(async (tx) => {
      await lose(tx);
      return next(tx);
    });
    const error: unknown = await failing.catch((thrown: unknown) => thrown);
    expect(asTransient(error)).toMatchObject(outage);
    // Whatever the driver put off to later would throw now.
    await admin`select pg_sleep(0.05)`;
    await waitFor(() => sql`select 1`, { what: 'another connection' });
  });
});

it('a transaction gives its result, and is rolled back when it throws', async () => {
  await admin`create table kept (n int)`;
  const result = await sql.begin(async (tx) => {
    await tx`insert into kept values (1)`;
    const [row] = await tx`select count(*)::int as count from kept`;
    return row;
  });
  expect(result).toEqual({ count: 1 });
  const failing = sql.begin('isolation level serializable', async (tx) => {
    await tx`insert into kept ${tx([{ n: 2 }])}`;
    throw new Error('its own');
  });
  await expect(failing).rejects.toThrow('its own');
  expect(await sql`select n from kept`).toEqual([{ n: 1 }]);
});

it('of several hosts takes the next when one cannot be connected to', async () => {
  const url = new URL(postgres.url);
  const { host } = url;
  const several = postgres.url.replace(`@${host}/`, `@127.0.0.1:1,${host}/`);
  const pool = createPostgres({ url: several, service: 'test', schema: 'public', pool: 1 });
  await waitFor(() => pool`select 1`, { what: 'the host that is there' });
  await pool.end();
});
