import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { controlCommand, uuidV7, type ControlInput } from '@sluice/contracts';
import { announceWorker, openControlBucket, readControls } from '@sluice/stages';
import { connectBus, sendCommand, type Bus } from '@sluice/broker';
import { activeTracer, createLogger, startService, type RunningService } from '@sluice/runtime';
import { testNats, testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { forgetGoneWorkers } from './controls.ts';
import type { AggregatorDeps } from '../deps.ts';
import { reconcile } from './reconcile.ts';
import { aggregatorMigrations, aggregatorService } from '../service.ts';
import { testDeps } from '../../test/aggregator-kit.ts';

const nats = await testNats();
const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const log = createLogger('test', 'silent');
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-controls-'));
const env = {
  NATS_URL: nats.url,
  DATABASE_URL: postgres.url,
  ARTIFACTS_DIR: folder,
  RECONCILE_SECONDS: '1',
};
const deps = testDeps(sql, { tracer: activeTracer() });
let bus: Bus;
let service: RunningService;

beforeAll(async () => {
  bus = await connectBus({ url: nats.url, service: 'scanner', instance: 'vm:1', log });
  service = await startService(aggregatorService, env, { log });
});
afterEach(async () => {
  await sql`delete from controls`;
  await sql`delete from audit`;
});
afterAll(async () => {
  await service.stop();
  await bus.close();
  await rm(folder, { recursive: true, force: true });
});

const control = (fields: Partial<ControlInput>) =>
  sendCommand(bus, controlCommand, {
    by: 'mira',
    reason: 'maintenance',
    kind: 'stage',
    name: 'scan',
    held: true,
    ...fields,
  });
/** What the stages see. */
const seen = async () => readControls(await openControlBucket(bus));
const seenSoon = (count: number) =>
  waitFor(async () => (await seen())?.length === count, { what: `${count} controls at the broker` });
const audited = () =>
  sql<{ actor: string; action: string; subject: string }[]>`
    select actor, action, subject, detail ->> 'reason' as reason from audit
    where action in ('pause', 'resume', 'drain', 'undrain') order by id`;

it('a pause is kept, audited, and seen by the stages when it is answered; two pauses are one', async () => {
  const first = await control({});
  expect(first).toMatchObject({ changed: true, control: { kind: 'stage', name: 'scan', by: 'mira' } });
  expect(await seen()).toEqual([first.control]);
  const again = await control({ by: 'noor', reason: 'me too' });
  expect(again).toEqual({ changed: false, control: first.control });
  expect(await control({ held: false, by: 'noor', reason: 'done' })).toEqual({
    changed: true,
    control: null,
  });
  expect(await control({ held: false })).toEqual({ changed: false, control: null });
  expect(await seen()).toEqual([]);
  expect(await audited()).toEqual([
    { actor: 'mira', action: 'pause', subject: 'stage scan', reason: 'maintenance' },
    { actor: 'noor', action: 'resume', subject: 'stage scan', reason: 'done' },
  ]);
});

it('stages, hosts and instances are held beside each other', async () => {
  const worker = await announceWorker(bus, log, () => ({
    service: 'scanner',
    stage: 'scan',
    startedAt: '2026-03-01T09:30:00Z',
    state: 'working',
    concurrency: 8,
    running: [],
    inWork: { interactive: 0, bulk: 0 },
    detail: null,
    circuits: [],
    upstreams: [],
  }));
  await control({});
  await control({ kind: 'host', name: 'registry.example' });
  await control({ kind: 'worker', name: 'scanner/vm:1' });
  expect((await seen())?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'host registry.example',
    'stage scan',
    'worker scanner/vm:1',
  ]);
  await control({ kind: 'worker', name: 'scanner/vm:1', held: false });
  expect((await audited()).map(({ action }) => action)).toEqual(['pause', 'pause', 'drain', 'undrain']);
  await worker.stop();
});

it('an instance that does not live cannot be drained', async () => {
  await expect(control({ kind: 'worker', name: 'scanner/gone:1' })).rejects.toMatchObject({
    code: 'worker.not-found',
  });
  expect(await audited()).toEqual([]);
});

it('what was committed and never published is published, and what the broker lost is put back', async () => {
  await seenSoon(0);
  await sql`
    insert into controls (kind, name, held_by, reason, at, seen_at)
    values ('stage', 'license', 'mira', 'the process died here', now(), now())`;
  await seenSoon(1);
  await bus.jsm.streams.delete('KV_CONTROL');
  await seenSoon(1);
});

it('a pause outlives the restart of its owner together with the loss of the broker’s copy', async () => {
  await control({ kind: 'host', name: 'registry.example' });
  await service.stop();
  await bus.jsm.streams.delete('KV_CONTROL');
  service = await startService(aggregatorService, env, { log });
  await seenSoon(1);
  expect(await audited()).toHaveLength(1);
});

it('a drain ends an hour after its instance did, and says so in the audit', async () => {
  const anHourAgo = Date.now() - 3_600_000;
  for (const [name, seenAt] of [
    ['scanner/long-gone:1', anHourAgo - 1_000],
    ['scanner/restarting:2', anHourAgo + 60_000],
  ] as const) {
    await sql`
      insert into controls (kind, name, held_by, reason, at, seen_at)
      values ('worker', ${name}, 'mira', 'new disk', ${new Date(anHourAgo)}, ${new Date(seenAt)})`;
  }
  await forgetGoneWorkers(bus, deps);
  expect(await sql`select name from controls`).toEqual([{ name: 'scanner/restarting:2' }]);
  expect(await audited()).toMatchObject([
    { actor: 'sluice', action: 'undrain', subject: 'worker scanner/long-gone:1' },
  ]);
});

it('what is late before a paused stage waits, however often its deadline passes, and ends only after', async () => {
  const id = uuidV7();
  const now = new Date();
  await sql`
    insert into assessments (id, purl, lane, attempt, traceparent, requested_at, deadline_at)
    values (${id}, 'pkg:npm/late@1.0.0', 'bulk', 3, ${`00-${'4'.repeat(32)}-${'1'.repeat(16)}-01`}, ${now},
      ${new Date(now.getTime() + 3_600_000)})`;
  await sql`
    insert into controls (kind, name, held_by, reason, at, seen_at)
    values ('stage', 'license', 'mira', 'new disk', ${now}, ${now})`;
  const afterHours = { ...deps, now: () => new Date(now.getTime() + 36_000_000) } as AggregatorDeps;
  await reconcile(bus, afterHours);
  const deadline = () => sql<{ at: Date; state: string }[]>`
    select deadline_at as at, state from assessments where id = ${id}`;
  expect(await deadline()).toEqual([{ at: new Date(now.getTime() + 36_015_000), state: 'running' }]);
  await sql`delete from controls`;
  const evenLater = { ...deps, now: () => new Date(now.getTime() + 37_000_000) } as AggregatorDeps;
  // Nothing was ever published of it: only the pause kept it from being given up.
  expect(await reconcile(bus, evenLater)).toEqual({ redriven: 0, failed: 1 });
});
