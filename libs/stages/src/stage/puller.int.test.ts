import { TransientError, defineEvent, pkgRequested, laneSchema, type Lane } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { answerMaxMs, exampleEvent, testNats, testService, waitFor, type TestService } from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import {
  connectBus,
  publish,
  consumerState,
  deadLettersStream,
  ensureTopology,
  eventsStream,
  startWithBroker,
  streamIdentity,
  type Bus,
} from '@sluice/broker';
import { defineStage, type AssessmentEventData } from './define-stage.ts';
import { toMessage } from '@sluice/delivery';
import { startStage } from './start-stage.ts';

const nats = await testNats();
let bus: Bus;
let service: TestService;

beforeAll(async () => {
  bus = await connectBus({
    url: nats.url,
    service: 'test',
    instance: 't',
    log: createLogger('test', 'silent'),
    answerMaxMs,
  });
  await ensureTopology(bus);
});
beforeEach(() => void (service = testService()));
afterEach(async () => {
  await service.stop();
  for (const lane of ['bulk', 'interactive']) await bus.jsm.consumers.delete(eventsStream, `echoer-${lane}`);
  await bus.jsm.streams.purge(eventsStream);
  await bus.jsm.streams.purge(deadLettersStream);
});
afterAll(() => bus.close());

const pkgEchoed = defineEvent({
  type: 'pkg.echoed',
  publisher: 'echoer',
  description: 'A stage without work of its own did it.',
  schema: z.object({
    assessmentId: z.string(),
    purl: z.string(),
    lane: laneSchema,
    attempt: z.number(),
  }),
});

type Gather = (data: AssessmentEventData, signal: AbortSignal) => Promise<void>;
/** Longer than any test may take: whoever waits for it has lost a message. */
const limits = { concurrency: 4, attemptsMax: 3, ackWaitMs: 600_000, deadlineMs: 60_000, retryBaseMs: 10 };

const echoStage = (gather: Gather, changed: Partial<typeof limits> = {}) =>
  defineStage({
    name: 'scan',
    service: 'echoer',
    consumes: pkgRequested,
    emits: pkgEchoed,
    limits: { ...limits, ...changed },
    gather: (data, _: void, signal) => gather(data, signal),
    decide: () => ({}),
  });

const start = (gather: Gather, changed: Partial<typeof limits> = {}) =>
  startStage(bus, echoStage(gather, changed), undefined, service);

async function send(count: number, lane: Lane = 'bulk'): Promise<string[]> {
  const purls = Array.from({ length: count }, () => `pkg:npm/a-${Math.random().toString(36).slice(2)}@1.0.0`);
  for (const purl of purls) {
    const event = exampleEvent('pkg.requested', { purl, lane, assessmentId: crypto.randomUUID() });
    await publish(bus, toMessage(event, { lane }));
  }
  return purls;
}

async function countOf(stream: string, subject: string): Promise<number> {
  const info = await bus.jsm.streams.info(stream, { subjects_filter: subject });
  return info.state.subjects?.[subject] ?? 0;
}
const echoed = (lane: Lane = 'bulk') => countOf(eventsStream, `pkg.echoed.${lane}`);

const unavailable = (retryAfterMs: number) =>
  new TransientError('registry.unavailable', 'answered 503', { host: 'registry.example', retryAfterMs });

it('loses no ack-wait to an outage that is over at once', async () => {
  let calls = 0;
  await start(async () => {
    calls += 1;
    if (calls <= 2) throw unavailable(0);
  });
  await send(1);
  await waitFor(async () => (await echoed()) === 1, { what: 'success after the outage', timeoutMs: 5_000 });
  expect(calls).toBe(3);
});

it('loses no ack-wait to an outage in the middle of many messages', async () => {
  let calls = 0;
  const stage = await start(async () => {
    calls += 1;
    if (calls % 5 === 0 && calls < 40) throw unavailable(0);
  });
  await send(60);
  await waitFor(async () => (await echoed()) === 60, { what: 'all of them', timeoutMs: 10_000 });
  expect(stage.outage()).toBeNull();
  await waitFor(() => stage.running() === 0);
});

it('says that it waits for its upstream, and since when', async () => {
  let down = true;
  const stage = await start(async () => {
    if (down) throw unavailable(50);
  });
  await send(1);
  await waitFor(() => stage.outage());
  expect(stage.outage()).toMatchObject({ host: 'registry.example' });
  expect((await service.health.report()).checks['stage scan']).toMatchObject({ ok: false, required: false });
  down = false;
  await waitFor(() => stage.outage() === null);
  expect((await service.health.report()).checks['stage scan']).toEqual({ ok: true });
});

it('makes a consumer that was deleted behind its back anew, and loses nothing', async () => {
  const seen = new Set<string>();
  await start(async (data) => void seen.add(data.purl));
  const before = await send(20);
  await waitFor(async () => (await echoed()) === 20);
  await bus.jsm.consumers.delete(eventsStream, 'echoer-bulk');
  const after = await send(20);
  await waitFor(() => seen.size === 40, { what: 'what came while there was no consumer' });
  expect([...seen].toSorted()).toEqual([...before, ...after].toSorted());
  expect(await echoed()).toBe(40);
  // It goes on about where it was, not from the beginning of the stream.
  expect((await consumerState(bus, 'echoer-bulk'))?.config.opt_start_seq).toBeGreaterThan(1);
});

it('does not forget messages that wait for a retry when the consumer is deleted', async () => {
  const tried: string[] = [];
  await start(async (data) => {
    tried.push(data.purl);
    if (tried.length === 1) throw new TransientError('backend.timeout', 'late', { retryAfterMs: 60_000 });
  });
  const [first] = await send(1);
  await waitFor(() => tried.length === 1);
  await send(60);
  await waitFor(async () => (await echoed()) === 60);
  await bus.jsm.consumers.delete(eventsStream, 'echoer-bulk');
  await waitFor(() => tried.filter((purl) => purl === first).length === 2, { what: 'its second try' });
});

it('runs a message alone once its attempts ended without a word: a neighbour may have killed the process', async () => {
  await start(async () => {});
  await send(1);
  await waitFor(async () => (await echoed()) === 1);
  await service.stop();
  service = testService();
  // Processes that take the message and never say another word.
  await send(1);
  const consumer = await bus.js.consumers.get(eventsStream, 'echoer-bulk');
  for (let delivery = 1; delivery <= limits.attemptsMax; delivery += 1) {
    const message = await consumer.next({ expires: 5_000 });
    expect(message?.info.deliveryCount).toBe(delivery);
    message?.nak();
  }
  await start(async () => {});
  await waitFor(async () => (await echoed()) === 2);
  expect(await countOf(eventsStream, 'pkg.failed.bulk')).toBe(0);
  expect(await countOf(deadLettersStream, 'dlq.echoer')).toBe(0);
});

it('keeps a slot for interactive messages, while bulk has all it may', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const stage = await start((data) => (data.lane === 'bulk' ? released : Promise.resolve()));
  await send(10, 'bulk');
  await waitFor(() => stage.running() === 3);
  await send(5, 'interactive');
  await waitFor(async () => (await echoed('interactive')) === 5, { what: 'the fast lane' });
  expect(await echoed('bulk')).toBe(0);
  release();
  await waitFor(async () => (await echoed('bulk')) === 10);
});

it('begins anew with a stream that was made anew, attempts included', async () => {
  const tried: string[] = [];
  await start(async (data) => {
    tried.push(data.purl);
    // An outage is written down where the broker keeps attempts, and that is gone too.
    if (tried.length === 21) throw unavailable(0);
  });
  await send(20);
  await waitFor(async () => (await echoed()) === 20);
  await nats.kill();
  await nats.loseData();
  await nats.start();
  const [purl] = await waitFor(() => send(1), { what: 'the stream to be there again', timeoutMs: 60_000 });
  await waitFor(async () => (await echoed()) === 1, { what: 'its end', timeoutMs: 60_000 });
  expect(tried.slice(20)).toEqual([purl, purl]);
  expect((await streamIdentity(bus)).lastSequence).toBeLessThan(20);
}, 90_000);

it('goes on after the broker was away, with everything that came before', async () => {
  let broken = false;
  // Sent before the broker goes away: what this test is about is the way out of it.
  await send(10);
  // Not while the stage still starts, which a broker that is away ends.
  let isStarted = () => {};
  const started = new Promise<void>((resolve) => (isStarted = resolve));
  await start(async () => {
    await started;
    if (broken) return;
    broken = true;
    await nats.stop();
    await nats.start();
  });
  isStarted();
  await waitFor(async () => (await echoed()) === 10, { what: 'all of them after the restart' });
}, 30_000);

it('begins once JetStream is back, when it went away before the start', async () => {
  await nats.stop();
  const stopBare = await nats.startWithoutJetStream();
  const seen: string[] = [];
  const stage = echoStage(async (data) => void seen.push(data.purl));
  let waits = 0;
  const starting = startWithBroker(service, (part) => startStage(bus, stage, undefined, part), {
    onWait: () => void (waits += 1),
  });
  await waitFor(() => waits > 1);
  await stopBare();
  await nats.start();
  await starting;
  const purls = await send(20);
  await waitFor(async () => (await echoed()) === 20);
  expect(seen.toSorted()).toEqual(purls.toSorted());
}, 60_000);
