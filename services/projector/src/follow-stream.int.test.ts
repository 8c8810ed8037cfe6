import { connectBus, ensureTopology, eventsStream, serveCommand, type Bus } from '@sluice/broker';
import { republishCommand } from '@sluice/delivery';
import { createLogger } from '@sluice/runtime';
import { testNats, testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { lifeOf, publishAll, testArtifacts } from '../test/projection-kit.ts';
import { readCheckpoint } from './apply.ts';
import { archiveMigrations } from './archive/segments.ts';
import { followStream } from './follow-stream.ts';
import { holdLock } from './hold-lock.ts';
import { positionOf } from './projected-event.ts';
import { projectorMigrations, readSchema } from './schema.ts';

const nats = await testNats();
const postgres = await testPostgres([projectorMigrations, archiveMigrations]);
const sql = postgres.connect(readSchema);
const artifacts = await testArtifacts();
const lines: string[] = [];
const log = createLogger('test', 'warn', { write: (line: string) => void lines.push(line) });
const deps = { sql, artifacts, log };
let bus: Bus;
let stop: AbortController;
let following: Promise<void>[];

beforeAll(async () => {
  bus = await connectBus({
    url: nats.url,
    service: 'test',
    instance: 't',
    log: createLogger('test', 'silent'),
  });
});
beforeEach(async () => {
  await bus.jsm.streams.delete(eventsStream).catch(() => {});
  await ensureTopology(bus);
  await sql`truncate requests, request_items, early_events, packages, package_scopes, package_evidence, timeline, advisory_sets, counts`;
  await sql`update checkpoint set stream_identity = null, epoch = 0, sequence = 0`;
  stop = new AbortController();
  following = [];
  lines.length = 0;
});
afterEach(async () => {
  stop.abort();
  await Promise.all(following);
});
afterAll(() => bus.close());

const follow = () => following.push(followStream(bus, deps, stop.signal));
const reached = (sequence: number) =>
  waitFor(async () => (await readCheckpoint(sql)).sequence === sequence, { what: `sequence ${sequence}` });
const positions = async () =>
  (await sql<{ position: number }[]>`select position from timeline order by 1`).map((row) => row.position);
const from = (epoch: number, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => positionOf(epoch, first + index));

it('catches up, goes on with new events, and resumes where it was', async () => {
  await publishAll(bus, lifeOf('a'));
  follow();
  await reached(7);
  await publishAll(bus, lifeOf('b'));
  await reached(14);
  stop.abort();
  await Promise.all(following);
  await publishAll(bus, lifeOf('c'));
  stop = new AbortController();
  follow();
  await reached(21);
  expect(await positions()).toEqual(from(1, 1, 21));
});

it('begins a new epoch when the stream was deleted and made anew, and says so', async () => {
  await publishAll(bus, lifeOf('a'));
  follow();
  await reached(7);
  await bus.jsm.streams.delete(eventsStream);
  await ensureTopology(bus);
  await publishAll(bus, lifeOf('b').slice(0, 5));
  await waitFor(async () => (await readCheckpoint(sql)).epoch === 2, { what: 'the new epoch' });
  await reached(5);
  // What is known already stays; the new events come after it in the one order.
  expect(await positions()).toEqual([...from(1, 1, 7), ...from(2, 1, 5)]);
  expect(lines.some((line) => line.includes('recreated'))).toBe(true);
});

it('notices a stream that was made anew while no projector followed it', async () => {
  await publishAll(bus, lifeOf('a').slice(0, 2));
  follow();
  await reached(2);
  stop.abort();
  await Promise.all(following);
  await bus.jsm.streams.delete(eventsStream);
  await ensureTopology(bus);
  // Longer than before: its length alone does not tell.
  await publishAll(bus, lifeOf('b'));
  stop = new AbortController();
  follow();
  await reached(7);
  expect(await readCheckpoint(sql)).toMatchObject({ epoch: 2, sequence: 7 });
  expect(await positions()).toEqual([...from(1, 1, 2), ...from(2, 1, 7)]);
});

it('starts again from the checkpoint when another process moved it', async () => {
  follow();
  await publishAll(bus, lifeOf('a'));
  await reached(7);
  await sql`update checkpoint set sequence = 3`;
  await publishAll(bus, lifeOf('b'));
  await reached(14);
  expect(await positions()).toEqual(from(1, 1, 14));
});

it('has one of two instances project, and the other take over', async () => {
  const active: string[] = [];
  const stops = { first: new AbortController(), second: new AbortController() };
  const pools = { first: postgres.connect(readSchema), second: postgres.connect(readSchema) };
  const run = (name: 'first' | 'second') =>
    holdLock(pools[name], 'test lock', stops[name].signal, log, async (held) => {
      active.push(name);
      await followStream(bus, { ...deps, sql: pools[name] }, held);
    });
  const first = run('first');
  await waitFor(() => active.length === 1);
  const second = run('second');
  await publishAll(bus, lifeOf('a'));
  await reached(7);
  stops.first.abort();
  await first;
  await publishAll(bus, lifeOf('b'));
  await reached(14);
  expect(active).toEqual(['first', 'second']);
  stops.second.abort();
  await second;
});

it('stops working when the lock is lost with its connection, and asks for it again', async () => {
  const pool = postgres.connect(readSchema);
  let ended = 0;
  let began = 0;
  const holding = holdLock(pool, 'lost lock', stop.signal, log, async (held) => {
    began += 1;
    await new Promise<void>((resolve) => held.addEventListener('abort', () => resolve(), { once: true }));
    ended += 1;
  });
  await waitFor(() => began === 1);
  await sql`
    select pg_terminate_backend(pid) from pg_locks
    where locktype = 'advisory' and objid = (hashtext('lost lock')::bigint & 4294967295)::oid and database =
      (select oid from pg_database where datname = current_database())`;
  await waitFor(() => ended === 1, { what: 'the end of the work' });
  await waitFor(() => began === 2, { what: 'the lock again' });
  stop.abort();
  await holding;
});

it('has events published again that were purged before they were read, and goes on meanwhile', async () => {
  const asked: string[] = [];
  let lost: Parameters<typeof publishAll>[1] = [];
  for (const service of ['gateway', 'importer', 'notifier', 'aggregator']) {
    serveCommand(
      bus,
      republishCommand(service),
      async () => {
        asked.push(service);
        const again = service === 'aggregator' ? lost : [];
        await publishAll(bus, again);
        return { messages: again.length };
      },
      log,
    );
  }
  await publishAll(bus, lifeOf('a'));
  follow();
  await reached(7);
  stop.abort();
  await Promise.all(following);
  lost = lifeOf('b');
  await publishAll(bus, lost);
  await bus.jsm.streams.purge(eventsStream);
  stop = new AbortController();
  follow();
  await reached(21);
  expect(asked).toEqual(['gateway', 'importer', 'notifier', 'aggregator']);
  expect(await positions()).toEqual([...from(1, 1, 7), ...from(1, 15, 21)]);
  expect(lines.some((line) => line.includes('removed from the stream before they were read'))).toBe(true);
});
