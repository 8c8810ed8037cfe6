import { Health, createLogger } from '@sluice/runtime';
import { exampleMessage, testNats, waitFor } from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { serveCommand } from '../commands.ts';
import { addBusHealth, connectBus, type Bus } from './connection.ts';
import { publish } from '../publish.ts';
import { ensureTopology } from '../streams/topology.ts';
import { eventsStream } from '../streams/stream-configs.ts';

const denied = 'permissions: { publish: { deny: ["pkg.failed.>"] }, subscribe: { deny: ["cmd.worker.>"] } }';
const nats = await testNats({
  lines: [`authorization { users: [{ user: "sluice", password: "secret", ${denied} }] }`],
});
const url = nats.url.replace('nats://', 'nats://sluice:secret@');
const log = createLogger('test', 'silent');
let bus: Bus;
let health: Health;

beforeAll(async () => {
  const first = await connectBus({ url, service: 'test', instance: 't', log });
  await ensureTopology(first);
  await first.close();
});
beforeEach(async () => {
  bus = await connectBus({ url, service: 'test', instance: 't', log });
  health = new Health();
  addBusHealth(health, bus);
});
afterEach(() => bus.close());
afterAll(() => nats.stop());

const natsCheck = async () => (await health.report()).checks['nats'];
const send = (type: 'pkg.failed' | 'pkg.requested') => publish(bus, exampleMessage(type));

it('a publish without the right to is refused at once, with the words of the broker', async () => {
  await expect(send('pkg.failed')).rejects.toMatchObject({
    code: 'backend.unavailable',
    host: 'nats',
    message: expect.stringMatching(/refused a message: .*Permissions Violation.*pkg\.failed\.bulk/i),
  });
  const check = await natsCheck();
  expect(check).toMatchObject({ ok: false, detail: expect.stringContaining('publish pkg.failed.bulk') });
  await send('pkg.requested');
});

it('a subscription without the right to is told of as long as the connection lives', async () => {
  const command = { service: 'worker', name: 'test', input: z.object({}), output: z.object({}) };
  serveCommand(bus, command, async () => ({}), log);
  const check = await waitFor(async () => {
    const found = await natsCheck();
    return found && !found.ok ? found : null;
  });
  expect(check.detail).toMatch(/subscription cmd\.worker\.test: .*Permissions Violation/i);
});

it('a publish that no stream takes is refused with that reason, and goes through once there is one', async () => {
  await bus.jsm.streams.delete(eventsStream);
  await expect(send('pkg.requested')).rejects.toThrow(
    /refused a message: No stream takes pkg\.requested\.bulk/,
  );
  expect((await natsCheck())?.ok).toBe(false);
  await ensureTopology(bus);
  await send('pkg.requested');
  expect((await natsCheck())?.ok).toBe(true);
});
