import { PoisonError, TransientError, pkgRequested, type EventData, type Lane } from '@sluice/contracts';
import { claimEvents } from '../inbox/inbox.ts';
import { createLogger } from '@sluice/runtime';
import {
  exampleEvent,
  testNats,
  testPostgres,
  testService,
  waitFor,
  type TestService,
} from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { deliveryMigrations } from '../delivery-migrations.ts';
import {
  connectBus,
  publish,
  consumerState,
  deadLettersStream,
  ensureTopology,
  eventsStream,
  type Bus,
} from '@sluice/broker';
import { toMessage } from '../outbox/to-message.ts';
import type { BatchHandler, Received } from './define-consumer.ts';
import { startConsumer } from './start-consumer.ts';

const nats = await testNats();
const postgres = await testPostgres([deliveryMigrations('delivery')]);

type Requested = EventData<typeof pkgRequested>;
const name = 'worker-pkg-requested';
const limits = { batchMax: 10, attemptsMax: 2, ackWaitMs: 30_000, retryBaseMs: 10 };
let bus: Bus;
let service: TestService;

beforeAll(async () => {
  bus = await connectBus({
    url: nats.url,
    service: 'test',
    instance: 'test',
    log: createLogger('test', 'silent'),
  });
  await ensureTopology(bus);
});
beforeEach(() => void (service = testService()));
afterEach(async () => {
  await service.stop();
  for (const lane of ['bulk', 'interactive']) await bus.jsm.consumers.delete(eventsStream, `${name}-${lane}`);
  await bus.jsm.streams.purge(eventsStream);
  await bus.jsm.streams.purge(deadLettersStream);
});
afterAll(() => bus.close());

const start = (handle: BatchHandler<Requested>, changed: Partial<typeof limits> = {}) =>
  startConsumer(
    bus,
    { service: 'worker', consumes: pkgRequested, limits: { ...limits, ...changed } },
    handle,
    service,
  );

/** Publishes events about packages of these names, and returns their ids. */
async function send(names: string[], lane: Lane = 'bulk'): Promise<string[]> {
  const events = names.map((each) => exampleEvent('pkg.requested', { purl: `pkg:npm/${each}@1.0.0`, lane }));
  for (const event of events) await publish(bus, toMessage(event, { lane }));
  return events.map((event) => event.id);
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
const idsOf = (batch: Received<Requested>[]) => batch.map(({ event }) => event.id);
const about = (batch: Received<Requested>[], part: string) =>
  batch.some(({ event }) => event.subject.includes(part));

const settled = () =>
  waitFor(
    async () => {
      const states = [
        await consumerState(bus, `${name}-bulk`),
        await consumerState(bus, `${name}-interactive`),
      ];
      return states.every((state) => state?.num_pending === 0 && state.num_ack_pending === 0);
    },
    { what: 'every message to be settled' },
  );

async function deadLetters() {
  const { state } = await bus.jsm.streams.info(deadLettersStream);
  const all = [];
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
    const message = await bus.jsm.streams.getMessage(deadLettersStream, { seq });
    if (message) all.push({ subject: message.subject, data: message.string(), header: message.header });
  }
  return all;
}

it('hands over events that came meanwhile as batches, each event once', async () => {
  const sent = await send(numbered(55));
  const batches: string[][] = [];
  await start(async (batch) => void batches.push(idsOf(batch)));
  await settled();
  expect(batches.flat().toSorted()).toEqual(sent.toSorted());
  expect(Math.max(...batches.map((batch) => batch.length))).toBeGreaterThan(1);
  expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(limits.batchMax);
});

it('settles the others of a batch with a defective event, and keeps that one after its attempts', async () => {
  const handled: string[] = [];
  const tries: number[] = [];
  const [good1, , good2] = await send(['good1', 'bad', 'good2']);
  await start(async (batch) => {
    if (about(batch, 'bad')) {
      if (batch.length === 1) tries.push(Date.now());
      throw new TypeError('a defect');
    }
    handled.push(...idsOf(batch));
  });
  const [dead] = await waitFor(async () => {
    const all = await deadLetters();
    return all.length > 0 ? all : null;
  });
  await settled();
  expect(handled.toSorted()).toEqual([good1!, good2!].toSorted());
  expect(tries).toHaveLength(limits.attemptsMax);
  expect(dead).toMatchObject({ subject: 'dlq.worker' });
  expect(dead?.data).toContain('pkg:npm/bad@1.0.0');
  expect(dead?.header?.get('sluice-error-code')).toBe('internal');
  expect(dead?.header?.get('sluice-attempts')).toBe('2');
  expect(await deadLetters()).toHaveLength(1);
});

it('makes dead letters at once of events that are poison or cannot be decoded', async () => {
  await bus.js.publish('pkg.requested.bulk', 'no event at all');
  await send(['poison', 'good']);
  const handled: string[] = [];
  await start(async (batch) => {
    if (about(batch, 'poison')) throw new PoisonError('message.undecodable', 'the list is damaged');
    handled.push(...idsOf(batch));
  });
  await settled();
  expect(handled).toHaveLength(1);
  expect((await deadLetters()).map(({ header }) => header?.get('sluice-deliveries'))).toEqual(['1', '1']);
});

it('postpones everything while Postgres is away, spends no attempts on it, and loses nothing', async () => {
  const sent = await send(numbered(30));
  const handled = new Set<string>();
  let away = 8;
  await start(async (batch) => {
    away -= 1;
    if (away >= 0) throw new TransientError('backend.unavailable', 'gone', { host: 'postgres' });
    for (const id of idsOf(batch)) handled.add(id);
  });
  await settled();
  expect([...handled].toSorted()).toEqual(sent.toSorted());
  expect(await deadLetters()).toEqual([]);
});

it('handles an interactive event while a batch of bulk is in work', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const begun: string[] = [];
  const done: string[] = [];
  await start(
    async (batch) => {
      const subjects = batch.map(({ event }) => event.subject);
      begun.push(...subjects);
      if (about(batch, 'bulk')) await released;
      done.push(...subjects);
    },
    { batchMax: 2 },
  );
  const delivered = (lane: Lane, count: number) =>
    waitFor(async () => (await consumerState(bus, `${name}-${lane}`))?.num_ack_pending === count);
  await send(['bulk0']);
  await waitFor(() => begun.length === 1);
  await send(['bulk1', 'bulk2', 'bulk3', 'bulk4']);
  // Four slots, of which bulk may hold three.
  await delivered('bulk', 3);
  await send(['urgent'], 'interactive');
  await waitFor(() => done.length === 1);
  expect(done).toEqual(['pkg:npm/urgent@1.0.0']);
  release();
  await settled();
  expect(done).toHaveLength(6);
});

it('leaves duplicates to the handler’s inbox: one effect', async () => {
  const sql = postgres.connect('delivery');
  await sql`create table effects (event_id uuid not null)`;
  const event = exampleEvent('pkg.requested', { lane: 'bulk' });
  for (let copy = 0; copy < 5; copy += 1) {
    await bus.js.publish('pkg.requested.bulk', JSON.stringify(event));
  }
  let seen = 0;
  await start(async (batch) => {
    seen += batch.length;
    await sql.begin(async (tx) => {
      for (const id of await claimEvents(tx, name, idsOf(batch)))
        await tx`insert into effects (event_id) values (${id})`;
    });
  });
  await settled();
  expect(seen).toBe(5);
  expect(await sql`select event_id from effects`).toEqual([{ event_id: event.id }]);
});

it('gives back events at its stop that it has not handled', async () => {
  let begin = () => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const { signal } = service;
  await start(async () => {
    begin();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    throw new Error('stopped in the middle');
  });
  const sent = await send(['one']);
  await begun;
  await service.stop();
  service = testService();
  const handled: string[] = [];
  await start(async (batch) => void handled.push(...idsOf(batch)));
  await settled();
  expect(handled).toEqual(sent);
  expect(await deadLetters()).toEqual([]);
});
