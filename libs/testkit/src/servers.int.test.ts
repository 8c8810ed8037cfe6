import { expect, it } from 'vitest';
import { testNats } from './test-nats.ts';
import { testPostgres } from './test-postgres.ts';

const nats = await testNats();
const database = await testPostgres([
  { schema: 'kit', folder: new URL('../fixtures/migrations/', import.meta.url) },
]);

it('gives the file a database that is migrated and its own', async () => {
  const sql = database.connect('kit');
  await sql`insert into things (name) values ('one')`;
  expect(await sql`select name from things`).toEqual([{ name: 'one' }]);
  const [row] = await sql<{ database: string }[]>`select current_database() as database`;
  expect(database.url).toContain(row?.database);
});

it('starts the nats-server again on the same port after a crash', async () => {
  const before = nats.server().pid;
  await nats.kill();
  await nats.start();
  expect(nats.server().url).toBe(nats.url);
  expect(nats.server().pid).not.toBe(before);
});
