import { createLogger } from '@sluice/runtime';
import { exampleMessage, testNats } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectBus, type Bus } from './connection/connection.ts';
import { publish } from './publish.ts';
import { ensureTopology } from './streams/topology.ts';
import { eventsStream } from './streams/stream-configs.ts';

const nats = await testNats();
let bus: Bus;

beforeAll(async () => {
  const log = createLogger('test', 'silent');
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  await ensureTopology(bus);
});
afterAll(() => bus.close());

const count = async () => (await bus.jsm.streams.info(eventsStream)).state.messages;

it('stores a message once, however often it is published', async () => {
  const message = exampleMessage('pkg.requested');
  const sequence = await publish(bus, message);
  expect(await publish(bus, message)).toBe(sequence);
  expect(await count()).toBe(1);
});

it('stores a message again that was purged, although the broker remembers its id, and once', async () => {
  const message = exampleMessage('pkg.requested');
  await publish(bus, message);
  await bus.jsm.streams.purge(eventsStream);
  const again = await publish(bus, message);
  expect(await publish(bus, message)).toBe(again);
  expect(await count()).toBe(1);
  expect((await bus.jsm.streams.getMessage(eventsStream, { seq: again }))?.string()).toBe(message.payload);
});
