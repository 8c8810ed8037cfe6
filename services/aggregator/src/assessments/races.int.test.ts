import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { cancelRequest } from '../commands/cancel-request.ts';
import { retryFailed } from '../commands/retry.ts';
import { aggregatorMigrations } from '../service.ts';
import { transact } from '../transact.ts';
import { admitAll, bringEvidence, submitItems, testDeps, testItem } from '../../test/aggregator-kit.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const deps = testDeps(sql);
const by = { by: 'mira', reason: 'a test' };

const submit = (names: string[]) =>
  submitItems(
    deps,
    names.map((name) => testItem(name)),
  );

it('two transactions that stand in each other’s way are done again, and are no outage', async () => {
  await sql`create table contested (id int primary key, hits int not null default 0)`;
  await sql`insert into contested (id) values (1), (2)`;
  let waiting = 2;
  let bothHold!: () => void;
  const held = new Promise<void>((resolve) => (bothHold = resolve));
  let tries = 0;
  const hit = (first: number, second: number) =>
    transact(deps, 'test', async (tx) => {
      tries += 1;
      await tx`update contested set hits = hits + 1 where id = ${first}`;
      waiting -= 1;
      if (waiting === 0) bothHold();
      await held;
      await tx`update contested set hits = hits + 1 where id = ${second}`;
    });
  await Promise.all([hit(1, 2), hit(2, 1)]);
  expect(tries).toBeGreaterThan(2);
  expect(await sql`select hits from contested order by id`).toEqual([{ hits: 2 }, { hits: 2 }]);
});

it('cancels and evidence that race end every request, and report no outage', async () => {
  for (let round = 0; round < 40; round += 1) {
    const names = Array.from({ length: 4 }, (_, index) => `race-${round}-${index}`);
    const requests = await Promise.all([submit(names), submit(names.toReversed()), submit(names.slice(1))]);
    await admitAll(deps);
    const running = await sql<{ id: string; purl: string }[]>`
      select id, purl from assessments where state = 'running' and purl like ${`pkg:npm/race-${round}-%`}`;
    await Promise.all([
      ...running.map(({ id, purl }) => bringEvidence(deps, purl, id)),
      ...requests.slice(0, 2).map((requestId) => cancelRequest({ ...by, requestId }, deps).catch(ended)),
    ]);
  }
  const states = await sql<{ state: string; open: number }[]>`
    select r.state, count(*) filter (where i.outcome is null)::int as open
    from requests r join items i on i.request_id = r.id group by r.id, r.state`;
  expect(states).toHaveLength(120);
  for (const { state, open } of states)
    expect({ state, open }).toEqual({
      state: expect.stringMatching('completed|cancelled') as string,
      open: 0,
    });
});

/** A request that has ended can no longer be cancelled; anything else is a fault. */
function ended(error: { code?: string }): void {
  if (error.code !== 'request.ended') throw error;
}

it('a retry leaves alone what a person cancelled, and says so', async () => {
  const [cancelled, kept] = [await submit(['gone', 'open']), await submit(['gone'])];
  await sql`update items set outcome = 'failed' where purl = 'pkg:npm/gone@1.0.0'`;
  await sql`update requests set open_items = open_items - 1, counts = '{"failed": 1}' where id = any(${[cancelled, kept]}::uuid[])`;
  await sql`update assessments set state = 'failed' where purl = 'pkg:npm/gone@1.0.0'`;
  await cancelRequest({ ...by, requestId: cancelled }, deps);
  const filter = { requestId: null, purl: 'pkg:npm/gone@1.0.0', code: null, stage: null, limit: 100 };
  expect(await retryFailed({ ...by, ...filter }, deps)).toMatchObject({ items: 1, requests: 1, skipped: 1 });
  const states = await sql`select id, state from requests where id = any(${[cancelled, kept]}::uuid[])`;
  expect(Object.fromEntries(states.map(({ id, state }) => [id, state]))).toEqual({
    [cancelled]: 'cancelled',
    [kept]: 'open',
  });
});
