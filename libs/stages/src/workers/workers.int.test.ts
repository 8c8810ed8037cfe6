import { createLogger, softwareVersion } from '@sluice/runtime';
import { testNats, testService, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectBus, type Bus } from '@sluice/broker';
import { announceService, announceWorker, listWorkers } from './workers.ts';

const nats = await testNats();
let bus: Bus;
beforeAll(async () => {
  const log = createLogger('test', 'silent');
  bus = await connectBus({ url: nats.url, service: 'gateway', instance: 'vm.example:17', log });
});
afterAll(() => bus.close());

it('an instance that runs no stage says that it lives, under its own name, and of which version it is', async () => {
  const gateway = testService();
  const projector = testService();
  await announceService(bus, { ...gateway, name: 'gateway' });
  await announceService(bus, { ...projector, name: 'projector' });
  const workers = await listWorkers(bus);
  expect(workers.map(({ service, instance }) => `${service}/${instance}`)).toEqual([
    'gateway/vm.example:17',
    'projector/vm.example:17',
  ]);
  expect(workers[0]).toMatchObject({ stage: null, version: softwareVersion, state: 'working', running: [] });
  await projector.stop();
  expect(await listWorkers(bus)).toHaveLength(1);
  await gateway.stop();
  expect(await listWorkers(bus)).toEqual([]);
});

it('announces itself again to a broker that lost its data', async () => {
  const { log } = testService();
  const gateway = await announceWorker(bus, log, () => ({
    service: 'gateway',
    stage: null,
    startedAt: new Date().toISOString(),
    state: 'working',
    concurrency: null,
    running: [],
    inWork: { interactive: 0, bulk: 0 },
    detail: null,
    circuits: [],
    upstreams: [],
  }));
  await bus.jsm.streams.delete('KV_WORKERS');
  expect(await listWorkers(bus)).toEqual([]);
  await bus.jsm.streams.delete('KV_WORKERS');
  gateway.changed();
  await waitFor(async () => (await listWorkers(bus)).length === 1);
  await gateway.stop();
});

it('an instance of an older version is listed, without the fields that it does not state', async () => {
  const gateway = testService();
  await announceService(bus, { ...gateway, name: 'gateway' });
  const work = { purl: 'pkg:npm/a@1.0.0', assessmentId: 'a', attempt: 1, since: 's', lane: 'bulk' };
  const old = { service: 'license', instance: 'old', state: 'working', running: [work], concurrency: 32 };
  await bus.js.publish('$KV.WORKERS.license.old', JSON.stringify(old));
  expect((await listWorkers(bus))[1]).toMatchObject({
    ...old,
    version: 'unknown',
    circuits: [],
    upstreams: [],
    running: [{ ...work, bytes: null }],
  });
  await gateway.stop();
});
