import { connectBus, ensureTopology, type Bus } from '@sluice/broker';
import { createLogger } from '@sluice/runtime';
import { testNats } from '@sluice/testkit';
import { register } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lifeOf, publishAll } from '../test/projection-kit.ts';
import { lagSeconds, lookAtStream, noteApplied } from './projection-lag.ts';

const nats = await testNats();
let bus: Bus;

beforeAll(async () => {
  const log = createLogger('test', 'silent');
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  await ensureTopology(bus);
});
afterAll(() => bus.close());

const shown = async (name: string) => {
  const metrics = await register.getMetricsAsJSON();
  return metrics.find((metric) => metric.name === name)?.values[0]?.value;
};
const inAMinute = () => new Date(Date.now() + 60_000);

it('says how many events are not projected, and how old the oldest of them is', async () => {
  await lookAtStream(bus);
  expect([await shown('sluice_projector_lag_events'), lagSeconds(inAMinute())]).toEqual([0, 0]);
  await publishAll(bus, lifeOf('a'));
  await lookAtStream(bus);
  expect(await shown('sluice_projector_lag_events')).toBe(7);
  // It goes on growing without another look: the broker may be gone.
  expect(lagSeconds(inAMinute())).toBeGreaterThanOrEqual(60);
  noteApplied(3);
  await lookAtStream(bus);
  expect(await shown('sluice_projector_lag_events')).toBe(4);
  noteApplied(7);
  expect([await shown('sluice_projector_lag_events'), lagSeconds(inAMinute())]).toEqual([0, 0]);
});
