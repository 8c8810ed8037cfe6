import type { EventData, gateServed, SluiceEvent } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import { beforeAll, expect, it } from 'vitest';
import { logged, testArtifacts } from '../../test/projection-kit.ts';
import { applyBatch, readCheckpoint } from '../apply.ts';
import { projectorMigrations, readSchema } from '../schema.ts';

type Served = EventData<typeof gateServed>['entries'][number];

const postgres = await testPostgres([projectorMigrations]);
const sql = postgres.connect(readSchema);
const deps = { sql, artifacts: await testArtifacts(), log: createLogger('test', 'silent') };
beforeAll(() => sql`update checkpoint set stream_identity = 'this', epoch = 1, sequence = 0`);

async function apply(events: SluiceEvent[]): Promise<void> {
  const from = await readCheckpoint(sql);
  await applyBatch(deps, logged(events, from.sequence + 1), from);
}

const at = (second: number) => `2026-03-01T09:00:0${second}.000Z`;
const served = (purl: string, second: number, more: Partial<Served> = {}): Served => ({
  purl,
  scope: 'default',
  principalId: 'key/1',
  principal: 'build',
  client: 'npm/10',
  firstAt: at(second),
  lastAt: at(second),
  ...more,
});
const told = (...entries: Served[]) => exampleEvent('gate.served', { entries });
const rowsOf = (purl: string) => sql`
  select scope, principal_id as "principalId", client, first_at as first, last_at as last from installs
  where purl = ${purl} order by scope, principal_id`;

it('keeps one row for each who installed it, from the first time to the last, in whatever order it is told', async () => {
  const purl = 'pkg:npm/a@1.0.0';
  await apply([told(served(purl, 5, { client: 'npm/11' }), served(purl, 2)), told(served(purl, 4))]);
  await apply([told(served(purl, 1), served(purl, 3, { principalId: 'key/2' }))]);
  await apply([told(served(purl, 1, { scope: 'team' }))]);
  expect(await rowsOf(purl)).toEqual([
    {
      scope: 'default',
      principalId: 'key/1',
      client: 'npm/11',
      first: new Date(at(1)),
      last: new Date(at(5)),
    },
    {
      scope: 'default',
      principalId: 'key/2',
      client: 'npm/10',
      first: new Date(at(3)),
      last: new Date(at(3)),
    },
    { scope: 'team', principalId: 'key/1', client: 'npm/10', first: new Date(at(1)), last: new Date(at(1)) },
  ]);
});

it('changes nothing when an event is there twice, and tells no timeline of it', async () => {
  const event = told(served('pkg:npm/b@1.0.0', 1));
  await apply([event, event]);
  await apply([event]);
  expect(await rowsOf('pkg:npm/b@1.0.0')).toHaveLength(1);
  expect(await sql`select 1 from timeline`).toEqual([]);
});
