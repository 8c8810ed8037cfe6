import { addToOutbox, outboxBacklog, withOutbox, type OutboxRow } from './outbox.ts';
import type { Sql } from '@sluice/postgres';
import { createLogger } from '@sluice/runtime';
import {
  answerMaxMs,
  exampleEvent,
  testNats,
  testPostgres,
  testService,
  waitFor,
  type TestService,
} from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { deliveryMigrations } from '../delivery-migrations.ts';
import { connectBus, ensureTopology, eventsStream, type Bus } from '@sluice/broker';
import { startOutboxRelay } from './outbox-relay.ts';
import { toMessage } from './to-message.ts';

const nats = await testNats();
const postgres = await testPostgres([deliveryMigrations('delivery')]);
const sql = postgres.connect('delivery');
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
let bus: Bus;
let service: TestService;

beforeAll(async () => {
  bus = await connectBus({
    url: nats.url,
    service: 'test',
    instance: 't',
    log: createLogger('test', 'silent'),
    answerMaxMs,
  });
  await ensureTopology(bus);
});
beforeEach(async () => {
  service = testService();
  await sql`truncate outbox, outbox_waiting, stream_watch`;
  await bus.jsm.streams.purge(eventsStream);
});
afterEach(() => service.stop());
afterAll(() => bus.close());

/** Leaves messages behind in one transaction; returns their ids in order. */
async function commit(
  count: number,
  on: Sql = sql,
  type: 'pkg.requested' | 'pkg.assessed' = 'pkg.requested',
): Promise<string[]> {
  const messages = Array.from({ length: count }, () =>
    toMessage(exampleEvent(type), { lane: 'bulk', traceparent }),
  );
  ({ written } = await withOutbox(on, (tx) => addToOutbox(tx, messages)));
  return messages.map((message) => message.eventId);
}
/** What the last transaction wrote. */
let written: OutboxRow[] = [];
/** How a relay is told of a commit: with what it wrote, or so that it reads that from the outbox. */
const told: [string, () => OutboxRow[] | undefined][] = [
  ['from memory', () => written],
  ['from the outbox', () => undefined],
];

async function published() {
  const { state } = await bus.jsm.streams.info(eventsStream);
  const ids: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
    const message = await bus.jsm.streams.getMessage(eventsStream, { seq });
    if (message) ids.push(message.header.get('Nats-Msg-Id'));
  }
  return ids;
}
const drained = () =>
  waitFor(async () => (await outboxBacklog(sql)).waiting === 0, { what: 'an empty outbox' });

it.each(told)('publishes what was committed, in its order, under its trace, %s', async (_, tell) => {
  const relay = startOutboxRelay(bus, sql, 'test', service);
  await drained();
  const sent = await commit(30);
  relay.notify(tell());
  sent.push(...(await commit(3)));
  relay.notify(tell());
  await drained();
  expect(await published()).toEqual(sent);
  const stored = await bus.jsm.streams.getMessage(eventsStream, { last_by_subj: 'pkg.requested.bulk' });
  expect(stored?.header.get('traceparent')).toBe(traceparent);
  expect(stored?.json<{ id: string }>().id).toBe(sent.at(-1));
});

it('publishes nothing of what was rolled back', async () => {
  const relay = startOutboxRelay(bus, sql, 'test', service);
  await sql
    .begin(async (tx) => {
      await addToOutbox(tx, [toMessage(exampleEvent('pkg.requested'), { lane: 'bulk' })]);
      throw new Error('the state change failed');
    })
    .catch(() => {});
  const sent = await commit(1);
  relay.notify();
  await drained();
  expect(await published()).toEqual(sent);
});

it('sweeps up what a process left that died between commit and publish', async () => {
  const left = await commit(5);
  startOutboxRelay(bus, sql, 'test', service);
  await drained();
  // Nobody says that these were committed: another process did, and died.
  const later = await commit(2);
  await drained();
  expect(await published()).toEqual([...left, ...later]);
});

it('drains more than one go takes, with two relays at it, each message once', async () => {
  const sent = await commit(1_200);
  startOutboxRelay(bus, sql, 'test', service);
  startOutboxRelay(bus, sql, 'test', service);
  await drained();
  await service.stop();
  expect((await published()).toSorted()).toEqual(sent.toSorted());
});

it.each(told)(
  'keeps what the broker refuses, and publishes it once the broker is back, %s',
  async (_, tell) => {
    const relay = startOutboxRelay(bus, sql, 'test', service);
    const before = await commit(3);
    relay.notify(tell());
    await drained();
    await nats.stop();
    const meanwhile = await commit(20);
    relay.notify(tell());
    await nats.start();
    const after = await commit(3);
    relay.notify(tell());
    await drained();
    expect((await published()).toSorted()).toEqual([...before, ...meanwhile, ...after].toSorted());
  },
);

it('publishes everything again, once, when the broker comes back without what it had stored, requests for work apart', async () => {
  const relay = startOutboxRelay(bus, sql, 'test', service);
  await commit(3);
  relay.notify(written);
  const before = await commit(30, sql, 'pkg.assessed');
  relay.notify(written);
  await drained();
  await nats.kill();
  await nats.loseData();
  await nats.start();
  const after = await commit(2);
  const all = [...before, ...after].toSorted();
  await waitFor(async () => (await published()).length === all.length, {
    what: 'all of them in the new stream',
  });
  expect((await published()).toSorted()).toEqual(all);
  // What a relay that comes later finds is the stream that is known by now.
  await service.stop();
  service = testService();
  startOutboxRelay(bus, sql, 'test', service);
  const later = await commit(1);
  await drained();
  expect(await published()).toEqual([...(await published()).slice(0, -1), ...later]);
  expect(await published()).toHaveLength(all.length + 1);
}, 30_000);

it('what is told of again, and what another relay publishes at the same time, is in the stream once', async () => {
  const relays = [1, 2].map(() => startOutboxRelay(bus, sql, 'test', service));
  const sent = await commit(700);
  for (const relay of [...relays, ...relays]) relay.notify(written);
  for (const relay of relays) relay.notify();
  await drained();
  await service.stop();
  expect((await published()).toSorted()).toEqual(sent.toSorted());
});

it('stops in the middle without losing what is left', async () => {
  const sent = await commit(1_000);
  startOutboxRelay(bus, sql, 'test', service);
  await service.stop();
  const { waiting } = await outboxBacklog(sql);
  expect(await published()).toHaveLength(1_000 - waiting);
  service = testService();
  startOutboxRelay(bus, sql, 'test', service);
  await drained();
  expect((await published()).toSorted()).toEqual(sent.toSorted());
});
