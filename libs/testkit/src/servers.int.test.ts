import { afterAll, expect, it } from 'vitest';
import { testNats, testPostgres } from './index.ts';

const started = performance.now();
const nats = await testNats();
const database = await testPostgres();
afterAll(() => console.log('took', performance.now() - started));
it('works', async () => {
  expect(nats.url).toMatch(/^nats:/);
  const sql = database.connect('public');
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
});
