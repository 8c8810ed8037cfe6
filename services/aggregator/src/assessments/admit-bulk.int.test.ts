import { decodeEnvelope, uuidV7, type Lane } from '@sluice/contracts';
import { cleanEvidence, exampleEvent, testPostgres } from '@sluice/testkit';
import { beforeEach, expect, it } from 'vitest';
import { bulkWindow } from '../commands/bulk-window.ts';
import { cancelRequest } from '../commands/cancel-request.ts';
import { changeLane } from '../commands/change-lane.ts';
import { listReplays } from '../commands/list-replays.ts';
import { replayStage } from '../commands/replay.ts';
import { aggregatorMigrations } from '../service.ts';
import { admitAll, submitItems, testDeps, testItem } from '../../test/aggregator-kit.ts';
import { admitBulk } from './admit-bulk.ts';
import { onEvidence } from './on-evidence.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
let now: Date;
const dropped: string[] = [];
const deps = testDeps(sql, {
  now: () => now,
  drop: async (ids) => void dropped.push(...ids),
});
const by = { by: 'mira', reason: 'a test' };

beforeEach(async () => {
  now = new Date('2026-03-01T12:00:00Z');
  dropped.length = 0;
  await sql`
    truncate requests, items, replays, replay_packages, packages, assessments, outbox, outbox_waiting, inbox, audit cascade`;
});

const purlOf = (name: string) => `pkg:npm/${name}@1.0.0`;
const manyNames = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** Takes in a request, a second after the one before. */
async function submit(names: string[], lane: Lane = 'bulk'): Promise<string> {
  now = new Date(now.getTime() + 1_000);
  const items = names.map((name) => testItem(name));
  return submitItems(deps, items, { lane });
}

async function namesIn(state: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select split_part(split_part(purl, '/', 2), '@', 1) as name from assessments where state = ${state} order by 1`;
  return rows.map(({ name }) => name);
}

/** Names and lanes of the requests for work. */
async function requested(): Promise<string[]> {
  const rows = await sql<{ payload: string }[]>`select payload from outbox order by position`;
  return rows.flatMap(({ payload }) => {
    const { type, subject, data } = decodeEnvelope(payload);
    return type === 'pkg.requested' ? [`${subject} ${(data as { lane: Lane }).lane}`] : [];
  });
}

/** Ends running assessments. */
async function end(names: string[]): Promise<void> {
  const rows = await sql<{ id: string; purl: string }[]>`
    select id, purl from assessments where state = 'running' and purl = any(${names.map(purlOf)}::text[])`;
  const facts = rows.map(({ id: assessmentId, purl }) =>
    exampleEvent('pkg.scanned', { assessmentId, purl, lane: 'bulk', attempt: 1, evidence: cleanEvidence() }),
  );
  await onEvidence(deps)(facts.map((event) => ({ event, traceparent: undefined, sequence: 1 })));
}

it('bulk begins while there is room in the window, the oldest request first', async () => {
  await submit(['x', 'z']);
  await submit(['a', 'b']);
  expect([await namesIn('waiting'), await requested()]).toEqual([['a', 'b', 'x', 'z'], []]);
  expect(await admitBulk(deps, 2)).toBe(false);
  expect(await bulkWindow(deps, 2)).toEqual({ waiting: 2, running: 2, runningMax: 2 });
  expect(await namesIn('running')).toEqual(['x', 'z']);
  expect((await requested()).toSorted()).toEqual(['x', 'z'].map((name) => `${purlOf(name)} bulk`));
  await admitBulk(deps, 2);
  expect(await namesIn('running')).toEqual(['x', 'z']);
  await end(['z']);
  await admitBulk(deps, 2);
  expect((await namesIn('running')).filter((name) => name !== 'x')).toHaveLength(1);
  await admitAll(deps);
  expect(await namesIn('running')).toEqual(['a', 'b', 'x']);
});

it('interactive packages take no room, and do not wait', async () => {
  await submit(['quick', 'too'], 'interactive');
  expect(await namesIn('running')).toEqual(['quick', 'too']);
  await submit(['slow']);
  await admitBulk(deps, 1);
  expect(await namesIn('running')).toEqual(['quick', 'slow', 'too']);
});

it('pacers of several replicas share one window, while packages end', async () => {
  const replicas = [1, 2, 3].map(() => ({ ...deps, sql: postgres.connect('aggregator') }));
  const runningMax = 30;
  const names = manyNames('p', 120);
  await submit(names);
  const most: number[] = [];
  for (let left = names.length; left > 0; left -= 20) {
    await Promise.all(replicas.map((replica) => admitBulk(replica, runningMax)));
    const running = await namesIn('running');
    most.push(running.length);
    await Promise.all([
      end(running.slice(0, 20)),
      ...replicas.map((replica) => admitBulk(replica, runningMax)),
    ]);
    most.push((await namesIn('running')).length);
  }
  expect(Math.max(...most)).toBe(runningMax);
  expect(await namesIn('assessed')).toHaveLength(names.length);
});

it('a waiting package that an interactive request wants begins at once, in the fast lane, once', async () => {
  await submit(['full', 'wanted']);
  await submit(['wanted'], 'interactive');
  expect(await requested()).toEqual([`${purlOf('wanted')} interactive`]);
  expect(await namesIn('running')).toEqual(['wanted']);
  await admitAll(deps);
  expect(await requested()).toEqual([`${purlOf('wanted')} interactive`, `${purlOf('full')} bulk`]);
});

it('a request that moves to the fast lane takes along what waits', async () => {
  const requestId = await submit(['a', 'b']);
  await admitBulk(deps, 1);
  expect(await changeLane({ ...by, requestId, lane: 'interactive' }, deps)).toMatchObject({ assessments: 2 });
  expect(await namesIn('running')).toEqual(['a', 'b']);
  expect((await requested()).filter((line) => line.endsWith('interactive'))).toHaveLength(2);
});

it('a cancelled request takes along what waits for it alone; the stages hear only of what they have', async () => {
  const cancelled = await submit(['began', 'waits', 'shared']);
  await sql`update assessments set requested_at = requested_at - interval '1 hour' where purl = ${purlOf('began')}`;
  await admitBulk(deps, 1);
  await submit(['shared']);
  expect(await cancelRequest({ ...by, requestId: cancelled }, deps)).toMatchObject({
    items: 3,
    assessments: 2,
  });
  expect([await namesIn('cancelled'), await namesIn('waiting')]).toEqual([['began', 'waits'], ['shared']]);
  const [began] = await sql<{ id: string }[]>`select id from assessments where purl = ${purlOf('began')}`;
  expect(dropped).toEqual([began!.id]);
});

it('a replay and new packages begin in the order in which they came', async () => {
  await submit(['known']);
  await admitAll(deps);
  await end(['known']);
  await submit(['before']);
  now = new Date(now.getTime() + 1_000);
  await replayStage(
    {
      ...by,
      id: uuidV7(),
      stage: 'license',
      since: null,
      until: null,
      ecosystem: null,
      rulesVersion: null,
      advisoriesVersion: null,
      limit: 10,
      dryRun: false,
    },
    deps,
  );
  await submit(['after']);
  const replay = async () => (await listReplays({ limit: 1 }, deps)).replays[0];
  await admitBulk(deps, 1);
  expect([await namesIn('running'), (await replay())?.state]).toEqual([['before'], 'starting']);
  await admitBulk(deps, 2);
  expect([await namesIn('running'), (await replay())?.state]).toEqual([['before', 'known'], 'running']);
  await admitBulk(deps, 3);
  expect(await namesIn('running')).toEqual(['after', 'before', 'known']);
});

it('more than a lot begins, whichever of its rows another transaction holds', async () => {
  await submit(manyNames('p', 250));
  const held = await sql.begin(async (tx) => {
    const rows = await tx`select id from assessments order by requested_at, id limit 20 for update`;
    await admitAll(deps);
    return rows.length;
  });
  expect(await namesIn('running')).toHaveLength(250 - held);
  await admitAll(deps);
  expect(await namesIn('waiting')).toEqual([]);
});
