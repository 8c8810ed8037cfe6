import { createLogger } from '@sluice/runtime';
import { testNatsCluster, testService, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  openBucket,
  connectBus,
  defaultTopologyLimits,
  deadLettersStream,
  ensureTopology,
  eventsStream,
  type Bus,
} from '@sluice/broker';
import { watchTopology } from './topology-watch.ts';

const cluster = await testNatsCluster();
const service = testService();
let bus: Bus;

beforeAll(async () => {
  const log = createLogger('test', 'silent');
  const limits = { ...defaultTopologyLimits, replicas: 3 };
  bus = await connectBus({ url: cluster.url, service: 'test', instance: 't', log, limits });
  // A cluster that has just started has no leader yet.
  await waitFor(() => ensureTopology(bus).then(() => true), { timeoutMs: 40_000 });
});
afterAll(async () => {
  await service.stop();
  await bus.close();
});

const copies = async (stream: string) => (await bus.jsm.streams.info(stream)).config.num_replicas;

it('keeps as many copies of streams and buckets as the settings say', async () => {
  await openBucket(bus, 'CONTROL');
  expect(await Promise.all([eventsStream, deadLettersStream, 'KV_CONTROL'].map(copies))).toEqual([3, 3, 3]);
});

it('leaves copies alone that are more than the settings say', async () => {
  const single = { ...bus, limits: defaultTopologyLimits };
  await ensureTopology(single);
  await openBucket(single, 'CONTROL');
  expect(await Promise.all([eventsStream, 'KV_CONTROL'].map(copies))).toEqual([3, 3]);
});

it('gives copies to streams that were made before the settings asked for them, and reports a node that is away', async () => {
  await bus.jsm.streams.delete('KV_DROPPED');
  await openBucket({ ...bus, limits: defaultTopologyLimits }, 'DROPPED');
  expect(await copies('KV_DROPPED')).toBe(1);
  await watchTopology(bus, service, 500);
  await waitFor(async () => (await copies('KV_DROPPED')) === 3);
  const told = async () => (await service.health.report()).checks['streams'];
  await waitFor(async () => !(await told())?.detail?.includes('copies'));
  await cluster.nodes[2]!.kill();
  await waitFor(async () => (await told())?.detail?.includes('EVENTS: 1 copies are missing'), {
    timeoutMs: 40_000,
  });
}, 120_000);
