import { createLogger } from '@sluice/runtime';
import { testNats, testService, waitFor } from '@sluice/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { connectBus } from './connection.ts';
import { ensureTopology, streamIdentity } from '../streams/topology.ts';
import { startWithBroker } from './start-with-broker.ts';

const nats = await testNats();
const log = createLogger('test', 'silent');

it('a service that stops while it waits stops waiting', async () => {
  await nats.stop();
  const stopBare = await nats.startWithoutJetStream();
  const bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  onTestFinished(() => bus.close());
  const service = testService();
  const started = startWithBroker(service, () => ensureTopology(bus));
  const stopped = expect(started).rejects.toThrow();
  await service.stop();
  await stopped;
  await stopBare();
  await nats.start();
});

it('a start waits for JetStream, not ready, and closes what its failed tries began', async () => {
  await nats.stop();
  const stopBare = await nats.startWithoutJetStream();
  const bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  onTestFinished(() => bus.close());
  const service = testService();
  const open = new Set<number>();
  let tries = 0;
  const begin = async (part: Pick<typeof service, 'onStop'>) => {
    const attempt = (tries += 1);
    open.add(attempt);
    part.onStop('first', () => void open.delete(attempt));
    await ensureTopology(bus);
    return attempt;
  };
  const started = startWithBroker(service, begin);
  await waitFor(() => tries > 1);
  expect(await service.health.report()).toMatchObject({
    ready: false,
    checks: { jetstream: { ok: false, detail: expect.stringContaining('waits for JetStream') as string } },
  });
  await stopBare();
  await nats.start();
  const last = await started;
  expect([...open]).toEqual([last]);
  expect((await service.health.report()).checks['jetstream']).toMatchObject({ ok: true });
  await streamIdentity(bus);
  await service.stop();
  expect(open.size).toBe(0);
}, 60_000);
