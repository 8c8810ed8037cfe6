import { bulkWindowCommand, pkgLicensed, pkgRequested, uuidV7, type EventData } from '@sluice/contracts';
import { publish, serveCommand } from '@sluice/broker';
import { startStage, type StageDefinition } from '@sluice/stages';
import { toMessage } from '@sluice/delivery';
import { evidenceUpTo, exampleEvent, testService, waitFor, type TestService } from '@sluice/testkit';
import { register } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  getJson,
  insertBatch,
  insertEvent,
  insertPackage,
  insertRequest,
  purlOf,
  testGateway,
} from '../gateway-kit.ts';
import { QueueSampler } from '../../src/queues/queue-sampler.ts';
import { StageThroughput } from '../../src/queues/stage-throughput.ts';

const { app, deps } = await testGateway();
const { read, bus } = deps;
const epoch = 1;
await read`update checkpoint set epoch = ${epoch}`;
beforeEach(
  () =>
    read`truncate requests, request_items, early_events, packages, package_scopes, package_evidence, timeline, advisory_sets, counts, batches`,
);

type Requested = EventData<typeof pkgRequested>;

const lastError = {
  stage: 'license',
  code: 'registry.unavailable',
  detail: 'away',
  stageAttempt: 1,
  counted: false,
  failedAt: '2026-03-01T09:30:00.000Z',
  nextTryAt: '2026-03-01T09:31:00.000Z',
  worker: 'w1',
};

/** A license stage that holds what it is given until it is told to go on. */
function heldStage() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const given: string[] = [];
  const stage: StageDefinition<Requested, undefined, undefined, EventData<typeof pkgLicensed>> = {
    name: 'license',
    service: 'license',
    consumes: pkgRequested,
    emits: pkgLicensed,
    limits: { concurrency: 4, attemptsMax: 5, ackWaitMs: 30_000, deadlineMs: 60_000 },
    gather: async ({ purl }, _deps, _signal, report) => {
      given.push(purl);
      report({ received: 250, total: 1_000 });
      await opened;
      return undefined;
    },
    decide: () => ({ evidence: evidenceUpTo('license') }),
  };
  const start = async (): Promise<TestService> => {
    const service = testService();
    await startStage(bus, stage, undefined, service);
    return service;
  };
  return { start, given, open: () => open() };
}

/** Asks for package versions as the aggregator does, and shows them as the projector does. */
async function request(names: string[], lane: 'bulk' | 'interactive' = 'bulk'): Promise<void> {
  for (const name of names) {
    const event = exampleEvent('pkg.requested', { purl: purlOf(name), assessmentId: uuidV7(), lane });
    await publish(bus, toMessage(event, { lane }));
    const { state } = await bus.jsm.streams.info('EVENTS');
    await insertPackage(read, name, { state: 'running', stage: 'license' });
    await read`
      update packages set lane = ${lane}, stage_position = ${epoch * 1e12 + state.last_seq} where purl = ${purlOf(name)}`;
  }
}

const license = async (lane = 'bulk') => {
  const { items: queues } = (await getJson(app, '/v1/queues')).body as { items: Record<string, unknown>[] };
  return queues.find((queue) => queue['stage'] === 'license' && queue['lane'] === lane)!;
};
/** As it is once the instances have said what they do. */
const licenseWith = (fields: Record<string, unknown>) =>
  waitFor(
    async () => {
      const queue = await license();
      return Object.entries(fields).every(([key, value]) => queue[key] === value) ? queue : null;
    },
    { what: `a license queue with ${JSON.stringify(fields)}` },
  );

it('the queue of a stage counts messages that wait and run, and shows the longest wait, through a stop and a new start', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `held${index}`);
  const id = await insertRequest(read, names);
  await request(names);
  const held = heldStage();
  const first = await held.start();
  await waitFor(() => held.given.length === 3);

  const queue = await licenseWith({ running: 3 });
  expect(queue).toMatchObject({ service: 'license', waiting: 7, unsettled: 3, redelivered: 0, exists: true });
  expect(queue['oldestAgeSeconds']).toBeGreaterThan(0);
  expect((await license('interactive'))['waiting']).toBe(0);

  const { items } = (await getJson(app, `/v1/requests/${id}/items`)).body as {
    items: { queuePosition: number; state: string }[];
  };
  expect(items.map(({ queuePosition }) => queuePosition)).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6, 7]);
  expect(new Set(items.map(({ state }) => state))).toEqual(new Set(['license']));
  const one = await getJson(app, `/v1/packages/${encodeURIComponent(purlOf('held5'))}`);
  expect(one.body).toMatchObject({ stage: 'license', queuePosition: 3 });

  await read`
    update packages set last_error = ${JSON.stringify(lastError)}::text::jsonb where purl = ${purlOf('held5')}`;
  expect((await getJson(app, `/v1/packages/${encodeURIComponent(purlOf('held5'))}`)).body.queuePosition).toBe(
    0,
  );

  await first.stop();
  const stopped = await licenseWith({ running: 0 });
  expect((stopped['waiting'] as number) + (stopped['unsettled'] as number)).toBe(10);

  held.open();
  const second = await held.start();
  expect(await licenseWith({ waiting: 0, unsettled: 0, running: 0 })).toMatchObject({
    oldestAgeSeconds: null,
    etaSeconds: 0,
  });
  await second.stop();
  expect(new Set(held.given)).toEqual(new Set(names.map(purlOf)));
});

it('the status has what is open, what each stage works on with how much of it is here, and the limits', async () => {
  const id = await insertRequest(read, ['fetched']);
  await read`
    insert into counts (kind, scope, key, count)
    values ('requests', 'default', 'open', 2), ('requests', 'team-b', 'open', 1), ('requests', 'default', 'failed', 9),
      ('packages', '', 'running', 5), ('packages', '', 'assessed', 7)`;
  await insertBatch(read);
  await insertBatch(read, { completed: true });
  const before = (await getJson(app, '/v1/status')).body;
  expect(before).toMatchObject({
    running: { requests: 3, batches: 1, packages: 5 },
    limits: { bodyBytes: deps.bodyMaxBytes, reportItems: 100_000, batchReportItems: 50_000 },
  });
  expect(before.active.stages[0]).toMatchObject({ stage: 'license', instances: 0, concurrency: 0 });

  const held = heldStage();
  const stage = await held.start();
  await request(['fetched']);
  await waitFor(() => held.given.length === 1);
  await licenseWith({ running: 1 });
  const bytes = { received: 250, total: 1_000 };
  const { active } = (await getJson(app, '/v1/status')).body;
  expect(active.stages).toHaveLength(3);
  expect(active.stages[0]).toEqual({
    stage: 'license',
    service: 'license',
    instances: 1,
    running: 1,
    concurrency: 4,
    waiting: 0,
  });
  expect(active.fetching).toEqual([{ purl: purlOf('fetched'), worker: `license/${bus.instance}`, bytes }]);
  const [item] = (await getJson(app, `/v1/requests/${id}/items`)).body.items;
  expect(item).toMatchObject({ state: 'license', queuePosition: 0, bytes });
  const one = await getJson(app, `/v1/packages/${encodeURIComponent(purlOf('fetched'))}`);
  expect(one.body.bytes).toEqual(bytes);
  const [worker] = (await getJson(app, '/v1/workers')).body.items.filter(
    (each: { service: string }) => each.service === 'license',
  );
  expect(worker.running).toMatchObject([{ purl: purlOf('fetched'), bytes }]);
  held.open();
  await licenseWith({ running: 0, unsettled: 0 });
  expect((await getJson(app, '/v1/status')).body.active.fetching).toEqual([]);
  await stage.stop();
});

it('the metrics say what the broker holds, who works, and how old the advisories are', async () => {
  const held = heldStage();
  const stage = await held.start();
  await request(['measured']);
  await waitFor(() => held.given.length === 1);
  await licenseWith({ running: 1 });
  await read`
    insert into advisory_sets (ecosystem, result, record_count, source, checked_at, confirmed_at)
    values ('npm', 'failed', 7, 's', now(), '2026-03-01T00:00:00Z')`;
  serveCommand(
    deps.bus,
    bulkWindowCommand,
    async () => ({ waiting: 9, running: 5, runningMax: 5 }),
    deps.log,
  );
  const sampler = new QueueSampler(deps);
  await sampler.look();
  expect((await sampler.read()).bulk).toEqual({ waiting: 9, running: 5, runningMax: 5 });
  const shown = await metrics();
  const of = { consumer: 'license', lane: 'bulk' };
  expect(shown('sluice_queue_running', of)).toBe(1);
  expect(shown('sluice_queue_unsettled', of)).toBe(1);
  expect(shown('sluice_queue_waiting', of)).toBe(0);
  expect(shown('sluice_queue_oldest_age_seconds', of)).toBeGreaterThan(0);
  expect(shown('sluice_workers', { service: 'license' })).toBe(1);
  // A stage that has never had an instance has none, and is not merely missing.
  expect(shown('sluice_workers', { service: 'scanner' })).toBe(0);
  expect([shown('sluice_bulk_waiting'), shown('sluice_bulk_running')]).toEqual([9, 5]);
  expect(shown('sluice_dead_letters', { kind: 'dlq' })).toBe(0);
  expect(shown('sluice_stream_bytes', { stream: 'EVENTS' })).toBeGreaterThan(0);
  expect(shown('sluice_stream_max_bytes', { stream: 'EVENTS' })).toBeGreaterThan(1e6);
  expect(shown('sluice_broker_storage_bytes')).toBeGreaterThan(0);
  expect(shown('sluice_broker_storage_max_bytes')).toBeGreaterThan(1e6);
  expect(shown('sluice_queues_looked_at_timestamp_seconds')).toBeGreaterThan(Date.now() / 1000 - 60);
  expect(shown('sluice_advisories_records', { ecosystem: 'npm' })).toBe(7);
  expect(shown('sluice_advisories_confirmed_timestamp_seconds', { ecosystem: 'npm' })).toBe(
    Date.parse('2026-03-01T00:00:00Z') / 1000,
  );
  held.open();
  await licenseWith({ running: 0, unsettled: 0 });
  await stage.stop();
});

/** What is registered in this process, by name and labels. */
async function metrics() {
  const all = await register.getMetricsAsJSON();
  return (name: string, labels: Record<string, string> = {}) =>
    all
      .find((metric) => metric.name === name)
      ?.values.find((value) =>
        Object.entries(labels).every(
          ([key, label]) => (value.labels as Record<string, unknown>)[key] === label,
        ),
      )?.value;
}

describe('the rate of a stage', () => {
  const result = async (position: number, type: string, data: object) => {
    await insertEvent(read, position, purlOf('a'), type);
    await read`update timeline set at = now(), data = ${JSON.stringify(data)}::text::jsonb where position = ${position}`;
  };

  it('is its results over the last minute, in each lane, whatever else happens', async () => {
    const throughput = new StageThroughput(read);
    const start = 1_000_000;
    await result(1, 'pkg.licensed', { lane: 'bulk' });
    await throughput.look(start);
    expect(throughput.rate('license', 'bulk')).toBeNull();
    await result(2, 'pkg.licensed', { lane: 'bulk' });
    await result(3, 'pkg.licensed', { lane: 'bulk' });
    await result(4, 'pkg.failed', { lane: 'interactive', stage: 'license' });
    await result(5, 'pkg.attempt-failed', { lane: 'bulk', stage: 'license' });
    await result(6, 'pkg.downloaded', { lane: 'bulk' });
    await throughput.look(start + 10_000);
    expect(throughput.rate('license', 'bulk')).toBe(0.2);
    expect(throughput.rate('license', 'interactive')).toBe(0.1);
    expect(throughput.rate('download', 'bulk')).toBe(0.1);
    expect(throughput.rate('scan', 'bulk')).toBe(0);
    await throughput.look(start + 60_000);
    expect(throughput.rate('license', 'bulk')).toBeCloseTo(2 / 60);
    await throughput.look(start + 71_000);
    expect(throughput.rate('license', 'bulk')).toBe(0);
  });

  it('does not count results that the read models catch up with', async () => {
    const throughput = new StageThroughput(read);
    await throughput.look(0);
    await result(1, 'pkg.licensed', { lane: 'bulk' });
    await read`update timeline set at = now() - interval '10 minutes'`;
    await throughput.look(10_000);
    expect(throughput.rate('license', 'bulk')).toBe(0);
  });
});

it('a package version lists its failed tries: when, who, why and when again', async () => {
  await insertPackage(read, 'a', { state: 'running', stage: 'download' });
  const tries = [
    [
      'pkg.attempt-failed',
      {
        attempt: 1,
        stage: 'license',
        stageAttempt: 1,
        counted: false,
        code: 'registry.unavailable',
        detail: 'away',
        worker: 'w1',
        nextTryAt: '2026-03-01T09:31:00.000Z',
      },
    ],
    [
      'pkg.failed',
      {
        attempt: 2,
        stage: 'download',
        stageAttempt: 5,
        code: 'egress.broken-off',
        detail: 'cut',
        worker: 'w2',
      },
    ],
    ['pkg.failed', { attempt: 3, stage: 'scan', code: 'stuck', detail: 'No progress in 3 runs.' }],
  ] as const;
  for (const [index, [type, data]] of tries.entries()) {
    await insertEvent(read, index + 1, purlOf('a'), type);
    await read`
      update timeline set data = ${JSON.stringify(data)}::text::jsonb, at = at + make_interval(secs => ${index})
      where position = ${index + 1}`;
  }
  const { body } = await getJson(app, `/v1/packages/${encodeURIComponent(purlOf('a'))}`);
  expect(body.failedTries).toEqual([
    {
      at: '2026-03-01T09:30:00.000Z',
      assessmentAttempt: 1,
      stage: 'license',
      stageAttempt: 1,
      counted: false,
      code: 'registry.unavailable',
      detail: 'away',
      worker: 'w1',
      nextTryAt: '2026-03-01T09:31:00.000Z',
    },
    expect.objectContaining({ code: 'egress.broken-off', worker: 'w2', counted: true, nextTryAt: null }),
    expect.objectContaining({ code: 'stuck', worker: null, stageAttempt: null }),
  ]);
});
