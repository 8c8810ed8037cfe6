import { defineEvent, laneSchema, pkgRequested, type Control, type Lane } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { answerMaxMs, exampleEvent, testNats, testService, waitFor, type TestService } from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { connectBus, publish, consumerState, ensureTopology, eventsStream, type Bus } from '@sluice/broker';
import { assertControls, openControlBucket, readControls } from './control-bucket.ts';
import { defineStage, type AssessmentEventData } from '../stage/define-stage.ts';
import { toMessage } from '@sluice/delivery';
import { startStage } from '../stage/start-stage.ts';
import { listWorkers } from '../workers/workers.ts';

const nats = await testNats();
const log = createLogger('test', 'silent');
let bus: Bus;
let service: TestService;
const others: { service: TestService; bus: Bus }[] = [];

beforeAll(async () => {
  bus = await connectBus({ url: nats.url, service: 'test', instance: 'vm:1', log, answerMaxMs });
  await ensureTopology(bus);
});
beforeEach(async () => {
  service = testService();
  await assertControls(bus, []);
});
afterEach(async () => {
  await service.stop();
  for (const other of others.splice(0)) {
    await other.service.stop();
    await other.bus.close();
  }
  for (const lane of ['bulk', 'interactive']) await bus.jsm.consumers.delete(eventsStream, `echoer-${lane}`);
  await bus.jsm.streams.purge(eventsStream);
});
afterAll(() => bus.close());

const fields = { assessmentId: z.string(), purl: z.string(), lane: laneSchema, attempt: z.number() };
const pkgEchoed = defineEvent({
  type: 'pkg.echoed',
  publisher: 'echoer',
  description: 'A stage without work of its own did it.',
  schema: z.object(fields),
});

type Gather = (data: AssessmentEventData) => Promise<void>;
/** Longer than any test may take: whoever waits for it has lost a message. */
const limits = { concurrency: 4, attemptsMax: 3, ackWaitMs: 600_000, deadlineMs: 60_000, retryBaseMs: 10 };
/** A package of `pkg:npm/<host>-1@…` comes from that host. */
const hostOf = ({ purl }: { purl: string }) => `${/npm\/(\w+)/.exec(purl)![1]!}.example`;

function start(gather: Gather, on: { bus: Bus; service: TestService } = { bus, service }) {
  const stage = defineStage({
    name: 'scan',
    service: 'echoer',
    consumes: pkgRequested,
    emits: pkgEchoed,
    limits,
    upstreamOf: hostOf,
    gather,
    decide: () => ({}),
  });
  return startStage(on.bus, stage, undefined, on.service);
}

async function send(host: string, count: number, lane: Lane = 'bulk'): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const purl = `pkg:npm/${host}-${crypto.randomUUID()}@1.0.0`;
    const event = exampleEvent('pkg.requested', { purl, lane, assessmentId: crypto.randomUUID() });
    await publish(bus, toMessage(event, { lane }));
  }
}

const control = (kind: Control['kind'], name: string): Control => ({
  kind,
  name,
  by: 'mira',
  reason: 'maintenance',
  at: '2026-03-01T09:30:00.000Z',
});
const hold = (...controls: Control[]) => assertControls(bus, controls);
const worker = (instance = 'vm:1') =>
  listWorkers(bus).then((workers) => workers.find((one) => one.instance === instance));
const isNow = (state: string, instance?: string) =>
  waitFor(async () => (await worker(instance))?.state === state, { what: `the worker to be ${state}` });

async function countOf(subject: string): Promise<number> {
  const info = await bus.jsm.streams.info(eventsStream, { subjects_filter: subject });
  return info.state.subjects?.[subject] ?? 0;
}
const echoed = (count: number) =>
  waitFor(async () => (await countOf('pkg.echoed.bulk')) === count, { what: `${count} results` });
/** What was sent waits at the broker, and nobody has it. */
const waits = (count: number) =>
  waitFor(
    async () => {
      const state = await consumerState(bus, 'echoer-bulk');
      return state && state.num_pending + state.num_ack_pending === count;
    },
    { what: `${count} messages to wait` },
  );
const attemptsSpent = () => countOf('pkg.attempt-failed.bulk');

it('a paused stage takes nothing, and goes on with all of it when it is resumed, at no attempt’s cost', async () => {
  const seen: string[] = [];
  await start(async ({ purl }) => void seen.push(purl));
  await send('a', 3);
  await echoed(3);
  await hold(control('stage', 'scan'));
  await isNow('paused');
  // What was asked for before arrives, and more than that is not asked for.
  await send('a', 20);
  await waits(20);
  expect(seen).toHaveLength(3);
  expect(await worker()).toMatchObject({ detail: expect.stringContaining('paused by mira') as string });
  const { checks, ready } = await service.health.report();
  expect(ready).toBe(true);
  expect(checks['stage scan']).toMatchObject({
    ok: false,
    detail: expect.stringContaining('mira') as string,
  });
  await hold();
  await echoed(23);
  expect([seen.length, await attemptsSpent()]).toEqual([23, 0]);
});

it('a stage that starts while it is paused takes nothing until it is resumed', async () => {
  await hold(control('stage', 'scan'));
  await send('a', 5);
  const stage = await start(async () => {});
  await waits(5);
  expect((await consumerState(bus, 'echoer-bulk'))?.delivered.consumer_seq).toBe(0);
  expect(stage.running()).toBe(0);
  await hold();
  await echoed(5);
});

it('what runs when the stage is paused is finished', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const stage = await start(() => released);
  await send('a', 1);
  await waitFor(() => stage.running() === 1);
  await hold(control('stage', 'scan'));
  await isNow('paused');
  release();
  await echoed(1);
  expect(await attemptsSpent()).toBe(0);
});

it('a pause outlives the loss of the bucket, and of everything else that the broker had', async () => {
  const seen: string[] = [];
  await start(async ({ purl }) => void seen.push(purl));
  await hold(control('stage', 'scan'));
  await isNow('paused');
  await bus.jsm.streams.delete('KV_CONTROL');
  await nats.kill();
  await nats.loseData();
  await nats.start();
  await waitFor(() => ensureTopology(bus).then(() => true), { timeoutMs: 60_000 });
  await waitFor(() => send('a', 3).then(() => true), { what: 'the stream to take messages' });
  // The stage has made an empty bucket meanwhile, or its owner has: an empty one lifts nothing.
  expect(await readControls(await openControlBucket(bus))).toBeNull();
  await isNow('paused');
  expect(seen).toEqual([]);
  expect(await hold(control('stage', 'scan'))).toBe(true);
  expect(await hold(control('stage', 'scan'))).toBe(false);
  await hold();
  await waitFor(() => seen.length === 3, { what: 'the work to go on', timeoutMs: 60_000 });
}, 120_000);

it('a drained instance finishes what it runs and takes no more; the others go on', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const stage = await start(() => released);
  await send('a', 1);
  await waitFor(() => stage.running() === 1);
  await hold(control('worker', 'echoer/vm:1'));
  await isNow('draining');
  const other = {
    service: testService(),
    bus: await connectBus({ url: nats.url, service: 'test', instance: 'vm:2', log, answerMaxMs }),
  };
  others.push(other);
  const seen: string[] = [];
  await start(async ({ purl }) => void seen.push(purl), other);
  await send('a', 10);
  await echoed(10);
  release();
  await isNow('drained');
  await echoed(11);
  expect([seen.length, await attemptsSpent(), (await worker('vm:2'))?.state]).toEqual([10, 0, 'working']);
  await hold();
  await isNow('working');
});

it('a paused host holds what needs it and nothing else', async () => {
  const seen: string[] = [];
  await start(async (data) => void seen.push(hostOf(data)));
  await send('a', 1);
  await send('b', 1);
  await echoed(2);
  await hold(control('host', 'a.example'));
  await waitFor(async () => (await worker())?.detail?.includes('a.example is paused by mira'));
  seen.length = 0;
  await send('a', 10);
  await send('b', 5);
  await echoed(7);
  expect([seen, await attemptsSpent()]).toEqual([Array<string>(5).fill('b.example'), 0]);
  await waits(10);
  expect((await worker())?.state).toBe('working');
});

it('a stage whose only host is paused asks for nothing, and goes on at once when it is resumed', async () => {
  const seen: string[] = [];
  await hold(control('host', 'a.example'));
  const stage = await start(async ({ purl }) => void seen.push(purl));
  await send('a', 30);
  await isNow('paused');
  await waits(30);
  // One pull of each lane was open at most; nothing is asked for after that.
  expect((await consumerState(bus, 'echoer-bulk'))!.delivered.consumer_seq).toBeLessThan(10);
  expect([seen, stage.outage()]).toEqual([[], null]);
  await hold();
  await echoed(30);
  expect(await attemptsSpent()).toBe(0);
});
