import { createLogger } from '@sluice/runtime';
import { answerMaxMs, testNats, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectBus, type Bus } from '@sluice/broker';
import { openDroppedAssessments, watchDroppedAssessments } from './dropped-assessments.ts';

const nats = await testNats();
const log = createLogger('test', 'silent');
let bus: Bus;
beforeAll(async () => {
  bus = await connectBus({ url: nats.url, service: 'test', instance: 'vm:1', log, answerMaxMs });
});
afterAll(() => bus.close());

it('a stage knows what was dropped before it started, and hears of what is dropped then', async () => {
  const dropped = await openDroppedAssessments(bus);
  await dropped.add(['before']);
  const watch = await watchDroppedAssessments(bus, log);
  expect([watch.has('before'), watch.has('after')]).toEqual([true, false]);
  await dropped.add(['after']);
  await waitFor(() => watch.has('after'));
  await watch.stop();
});

it.each([
  ['was away', async () => {}],
  ['lost its data', () => nats.loseData()],
])('hears of it again from a broker that %s', async (_what, meanwhile) => {
  const watch = await watchDroppedAssessments(bus, log);
  const dropped = await openDroppedAssessments(bus);
  await nats.kill();
  await meanwhile();
  await nats.start();
  const id = crypto.randomUUID();
  await waitFor(() => dropped.add([id]).then(() => true), { timeoutMs: 60_000 });
  await waitFor(() => watch.has(id), { what: 'the stage to know of it' });
  await watch.stop();
});

it('misses nothing that was dropped while it was not connected', async () => {
  const deaf = await connectBus({ url: nats.url, service: 'test', instance: 'vm:2', log, answerMaxMs });
  const watch = await watchDroppedAssessments(deaf, log);
  const dropped = await openDroppedAssessments(bus);
  await deaf.nc.reconnect();
  await dropped.add(['meanwhile']);
  await waitFor(() => watch.has('meanwhile'), { what: 'the stage to know of it' });
  await watch.stop();
  await deaf.close();
});
