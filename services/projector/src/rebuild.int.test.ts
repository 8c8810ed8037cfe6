import { connectBus, ensureTopology, eventsStream, publish, toMessage, type Bus } from '@sluice/messaging';
import type { SluiceEvent } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats, testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { lifeOf, publishAll, submission, testArtifacts } from '../test/projection-kit.ts';
import { readCheckpoint } from './apply.ts';
import { followStream } from './follow-stream.ts';
import { hashTables, rebuild } from './rebuild.ts';
import { projectorMigrations, readSchema } from './schema.ts';

const nats = await testNats();
const postgres = await testPostgres([projectorMigrations]);
const sql = postgres.connect(readSchema);
const artifacts = await testArtifacts();
const log = createLogger('test', 'silent');
let bus: Bus;
let stop: AbortController;
let following: Promise<void>;

beforeAll(async () => {
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
});
beforeEach(async () => {
  await bus.jsm.streams.delete(eventsStream).catch(() => {});
  await ensureTopology(bus);
  await sql`truncate requests, request_items, packages, package_evidence, timeline, advisory_sets, counts`;
  await sql`update checkpoint set stream_identity = null, epoch = 0, sequence = 0`;
  stop = new AbortController();
  following = followStream(bus, { sql, artifacts, log }, stop.signal);
});
afterEach(async () => {
  stop.abort();
  await following;
});
afterAll(() => bus.close());

const run = (swap: boolean) => rebuild(bus, { databaseUrl: postgres.url, swap, artifacts, log });
const caughtUp = () =>
  waitFor(async () => {
    const { state } = await bus.jsm.streams.info(eventsStream);
    return (await readCheckpoint(sql)).sequence === state.last_seq;
  });

/** Requests and the lives of their packages, mixed as several workers would mix them. */
async function mixed(count: number, prefix: string): Promise<SluiceEvent[]> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const request = await submission(artifacts, [...names, null]);
  const lives = names.map((name) => lifeOf(name));
  const interleaved = Array.from({ length: 7 }, (_, step) => lives.map((life) => life[step]!)).flat();
  const ended = names.map((_, ordinal) => ({
    ordinal,
    outcome: 'approve' as const,
    assessmentId: null,
    reasons: [],
    at: '2026-03-01T09:30:03.000Z',
  }));
  return [
    request,
    ...interleaved,
    exampleEvent('request.progressed', { requestId: request.subject, items: ended }),
    exampleEvent('request.completed', { requestId: request.subject }),
    exampleEvent('advisories.imported'),
  ];
}
const schemas = async () =>
  (await sql`select nspname as name from pg_namespace where nspname like 'read%' order by 1`).map(
    (row) => row['name'] as string,
  );

it('comes to exactly what the live read models say, compared or swapped', async () => {
  await publishAll(bus, await mixed(50, 'a'));
  await caughtUp();
  const live = await hashTables(sql, readSchema);
  const compared = await run(false);
  expect(compared.hashes).toEqual(live);
  expect(compared.events).toBe((await readCheckpoint(sql)).sequence);
  const swapped = await run(true);
  expect(swapped.hashes).toEqual(live);
  expect(await schemas()).toEqual([readSchema]);
});

it('counts what is in the stream twice once, as the live ones do, and has the same indexes', async () => {
  const events = await mixed(5, 'a');
  await publishAll(bus, events);
  // The broker forgets message ids after a while.
  for (const event of events) await publish(bus, { ...toMessage(event), eventId: crypto.randomUUID() });
  await caughtUp();
  const live = await hashTables(sql, readSchema);
  const indexes = () =>
    sql`select indexdef from pg_indexes where schemaname = ${readSchema} and tablename <> 'schema_migrations' order by 1`;
  const before = await indexes();
  expect((await run(true)).hashes).toEqual(live);
  expect(await indexes()).toEqual(before);
});

it('finds what is wrong with the live ones, and mends it', async () => {
  await publishAll(bus, await mixed(5, 'a'));
  await caughtUp();
  const right = await hashTables(sql, readSchema);
  await sql`update packages set outcome = 'approve' where purl like '%a3@%'`;
  const wrong = await hashTables(sql, readSchema);
  expect((await run(false)).hashes).toEqual(right);
  expect(await hashTables(sql, readSchema)).toEqual(wrong);
  await run(true);
  expect(await hashTables(sql, readSchema)).toEqual(right);
});

it('swaps while events keep coming, and the live projector goes on in the new tables', async () => {
  await publishAll(bus, await mixed(30, 'a'));
  let coming = true;
  const publishing = (async () => {
    for (let round = 0; coming; round += 1) await publishAll(bus, await mixed(3, `b${round}-`));
  })();
  const swapped = await run(true);
  coming = false;
  await publishing;
  await caughtUp();
  expect((await readCheckpoint(sql)).sequence).toBeGreaterThan(swapped.events);
  expect((await run(false)).hashes).toEqual(await hashTables(sql, readSchema));
  expect(await schemas()).toEqual([readSchema]);
});

it('refuses when the stream no longer has the beginning, and leaves the live ones alone', async () => {
  await publishAll(bus, await mixed(2, 'a'));
  await caughtUp();
  const live = await hashTables(sql, readSchema);
  await bus.jsm.streams.purge(eventsStream, { seq: 5 });
  await expect(run(true)).rejects.toThrow('does not reach back');
  expect(await hashTables(sql, readSchema)).toEqual(live);
  expect(await schemas()).toEqual([readSchema]);
});
