import { createLogger } from '@sluice/runtime';
import { connectBus, ensureTopology } from '@sluice/broker';
import { answerMaxMs, testNats, waitFor } from '@sluice/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { Puller } from './puller.ts';
import { SlotPool } from './slot-pool.ts';

const settings = { lines: [] as string[] };
const nats = await testNats(settings);
const log = createLogger('test', 'silent');

it('asks again when the broker was away and tells nothing about the consumer', async () => {
  const bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log, answerMaxMs });
  onTestFinished(() => bus.close());
  await ensureTopology(bus);
  const received = new Set<number>();
  const puller = new Puller({
    bus,
    lane: 'interactive',
    slots: new SlotPool(4),
    log,
    spec: {
      durable: 'puller',
      filterSubject: 'pkg.requested.interactive',
      ackWaitMs: 30_000,
      maxAckPending: 10,
    },
    onMessage: (message) => {
      received.add(message.seq);
      message.ack();
      return Promise.resolve(true);
    },
    onFree: () => puller.refill(),
    pausedUntil: () => 0,
  });
  await puller.start();
  onTestFinished(() => puller.stop());
  await bus.js.publish('pkg.requested.interactive', 'one');
  await waitFor(() => received.size === 1);

  await nats.kill();
  settings.lines.push(
    'authorization { users: [{ user: a, password: a, permissions: { publish: { deny: "$JS.API.CONSUMER.INFO.>" } } }] }',
    'no_auth_user: a',
  );
  await nats.start();
  await waitFor(() => bus.js.publish('pkg.requested.interactive', 'two').then(() => true));
  await waitFor(() => received.size === 2);
  expect(received).toEqual(new Set([1, 2]));
});
