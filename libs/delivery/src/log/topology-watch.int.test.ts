import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats, testService, waitFor, type TestService } from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  connectBus,
  publish,
  defaultTopologyLimits,
  ensureTopology,
  eventsStream,
  type Bus,
} from '@sluice/broker';
import { toMessage } from '../outbox/to-message.ts';
import { wasRemovedEarly, watchTopology } from './topology-watch.ts';

const nats = await testNats();
let bus: Bus;
let service: TestService;

beforeAll(async () => {
  const log = createLogger('test', 'silent');
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
});
beforeEach(async () => {
  service = testService();
  for await (const { config } of bus.jsm.streams.list()) await bus.jsm.streams.delete(config.name);
  await ensureTopology(bus);
});
afterEach(() => service.stop());
afterAll(() => bus.close());

const configOf = async (stream = eventsStream) => (await bus.jsm.streams.info(stream)).config;
const change = async (changes: object) =>
  bus.jsm.streams.update(eventsStream, { ...(await configOf()), ...changes });
const told = async () => (await service.health.report()).checks['streams']?.detail;

it('puts back the limits that somebody lowered, and says so', async () => {
  const before = await configOf();
  await change({ max_msgs: 1, max_age: 3_600e9, max_bytes: 1_000_000, discard: 'old' });
  await watchTopology(bus, service);
  expect(await told()).toContain('limits of EVENTS were lowered');
  expect(await configOf()).toEqual(before);
  // It is told of, and the service works all the same.
  expect((await service.health.report()).ready).toBe(true);
});

it('puts back nothing that an operator set higher, neither at a start nor later', async () => {
  await change({ max_bytes: -1, max_age: 0 });
  const before = await configOf();
  await ensureTopology(bus);
  await watchTopology(bus, service);
  expect([await told(), await configOf()]).toEqual([undefined, before]);
});

it('tells of copies that there are no nodes for', async () => {
  // A single server keeps no copies.
  await watchTopology({ ...bus, limits: { ...defaultTopologyLimits, replicas: 3 } }, service);
  expect(await told()).toContain('EVENTS: 2 copies are missing');
});

it('tells of messages that the broker has in its books and cannot read', async () => {
  await publish(bus, toMessage(exampleEvent('pkg.requested'), { lane: 'bulk' }));
  await watchTopology(bus, service, 20);
  expect(await told()).toBeUndefined();
  // As nats-server 2.9 does by itself with a stream that is made anew while it deletes the old one.
  const info = await bus.jsm.streams.info(eventsStream);
  const unreadable = { ...info, state: { ...info.state, first_seq: 1, messages: 1 } };
  const streams = {
    list: () => [unreadable],
    info: () => Promise.resolve(unreadable),
    getMessage: () => Promise.resolve(null),
    update: () => Promise.resolve(info),
  };
  const broken = { ...bus, jsm: { ...bus.jsm, streams } } as unknown as Bus;
  await watchTopology(broken, service, 20);
  await waitFor(async () => (await told())?.includes('cannot read'), { what: 'to be told' });
});

it('tells of events that are removed before their time', async () => {
  await publish(bus, toMessage(exampleEvent('pkg.requested'), { lane: 'bulk' }));
  await watchTopology(bus, service, 20);
  expect(await told()).toBeUndefined();
  await bus.jsm.streams.purge(eventsStream);
  await waitFor(async () => (await told())?.includes('removed from the stream before their time'));
});

it('makes streams as the settings say, and widens those that are there', async () => {
  const limits = {
    ...defaultTopologyLimits,
    eventsMaxBytes: 40 * 1024 ** 3,
    eventsMaxAgeMs: 200 * 86_400_000,
  };
  await ensureTopology({ ...bus, limits });
  expect(await configOf()).toMatchObject({
    max_bytes: limits.eventsMaxBytes,
    max_age: limits.eventsMaxAgeMs * 1e6,
  });
  await ensureTopology(bus);
  expect(await configOf()).toMatchObject({ max_bytes: limits.eventsMaxBytes });
});

it('is quiet about events that grew old, and not about those that were removed before', () => {
  const before = { sequence: 5, lastSequence: 9, storedAt: 1_000, maxAgeMs: 100 };
  const after = { ...before, sequence: 6 };
  expect(wasRemovedEarly(before, after, 1_101)).toBe(false);
  expect(wasRemovedEarly(before, after, 1_050)).toBe(true);
  expect(wasRemovedEarly(before, before, 1_050)).toBe(false);
  const empty = { ...before, storedAt: null, sequence: 10, lastSequence: 9 };
  expect(wasRemovedEarly(empty, { ...before, sequence: 10, lastSequence: 12 }, 1_050)).toBe(false);
  expect(wasRemovedEarly(empty, { ...empty, sequence: 13, lastSequence: 12 }, 1_050)).toBe(true);
  expect(wasRemovedEarly(before, { ...before, sequence: 1, lastSequence: 3 }, 1_050)).toBe(false);
});
