import { createLogger } from '@sluice/runtime';
import { testNats, testService, waitFor } from '@sluice/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { connectBus } from './connection.ts';
import { streamIdentity } from '../streams/topology.ts';
import { waitForJetStream } from './wait-for-jetstream.ts';

const nats = await testNats();
const log = createLogger('test', 'silent');

it('a service that stops while it waits stops waiting', async () => {
  await nats.stop();
  const stopBare = await nats.startWithoutJetStream();
  const bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  onTestFinished(() => bus.close());
  const service = testService();
  const started = waitForJetStream(bus, service);
  const stopped = expect(started).rejects.toThrow();
  await service.stop();
  await stopped;
  await stopBare();
  await nats.start();
});

it('a start waits for JetStream, not ready, and goes on with its steps once it is there', async () => {
  await nats.stop();
  const stopBare = await nats.startWithoutJetStream();
  const bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  onTestFinished(() => bus.close());
  const service = testService();
  const done: string[] = [];
  let tries = 0;
  const started = waitForJetStream(bus, service, {
    onWait: () => void (tries += 1),
    steps: [
      async () => void done.push('one'),
      async () => {
        done.push('two');
        if (done.length < 3) throw new Error('not yet');
      },
    ],
  });
  await waitFor(() => tries > 1);
  expect(await service.health.report()).toMatchObject({
    ready: false,
    checks: { jetstream: { ok: false, detail: expect.stringContaining('waits for JetStream') as string } },
  });
  await stopBare();
  await nats.start();
  await started;
  expect(done).toEqual(['one', 'two', 'two']);
  expect((await service.health.report()).checks['jetstream']).toMatchObject({ ok: true });
  await streamIdentity(bus);
}, 60_000);
