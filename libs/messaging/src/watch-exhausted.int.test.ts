import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventId, decodeEnvelope, type EventType, type SluiceEvent } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats, testService, waitFor, type TestService } from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openAttemptLedger } from './attempt-ledger.ts';
import { connectBus, type Bus } from './connection.ts';
import { listDeadLetters, readDeadLetter } from './dead-letter-store.ts';
import type { ExhaustedHandlers } from './end-exhausted.ts';
import { publish, toMessage } from './publish.ts';
import { deadLettersStream, ensureConsumer, ensureTopology, eventsStream } from './topology.ts';
import { exhaustedStream, watchExhausted } from './watch-exhausted.ts';

const nats = await testNats();
const maxDeliver = 3;
let bus: Bus;
let service: TestService;

beforeAll(async () => {
  const log = createLogger('test', 'silent');
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  await ensureTopology(bus);
});
beforeEach(() => void (service = testService()));
afterEach(async () => {
  await service.stop();
  for await (const { name } of bus.jsm.consumers.list(eventsStream))
    await bus.jsm.consumers.delete(eventsStream, name);
  await bus.jsm.streams.purge(eventsStream);
  await bus.jsm.streams.purge(deadLettersStream);
});
afterAll(() => bus.close());

/** Watches, and knows of the stream that the broker writes to. */
async function watch(handlers: ExhaustedHandlers = {}): Promise<void> {
  watchExhausted(bus, handlers, service);
  await waitFor(() => bus.jsm.streams.info(exhaustedStream).catch(() => null), { what: 'the stream' });
}

/** A durable consumer with a message for it that nobody has taken yet. */
async function send(durable: string, type: EventType, data: object = {}): Promise<SluiceEvent> {
  await ensureConsumer(bus, {
    durable,
    filterSubject: `${type}.bulk`,
    ackWaitMs: 150,
    maxAckPending: 100,
    maxDeliver,
  });
  const event = exampleEvent(type, { lane: 'bulk', ...data });
  await publish(bus, { ...toMessage(event, { lane: 'bulk' }), headers: { 'x-kept': 'whole' } });
  return event;
}

/** Takes what the consumer has, as often as the broker gives it, and never says another word. */
async function exhaust(durable: string): Promise<void> {
  const consumer = await bus.js.consumers.get(eventsStream, durable);
  for (let delivery = 1; delivery <= maxDeliver; delivery += 1) {
    const message = await consumer.next({ expires: 10_000 });
    expect(message?.info.deliveryCount).toBe(delivery);
  }
  await askAgain(durable);
}

/** The broker gives a message up when it is asked for the next one. */
async function askAgain(durable: string): Promise<void> {
  const consumer = await bus.js.consumers.get(eventsStream, durable);
  await consumer.next({ expires: 1_000 });
}

/** A service that is killed by the message before any code of its own has seen it. */
const dying = `
  import { connect } from '@nats-io/transport-node';
  import { jetstream } from '@nats-io/jetstream';
  const [, url, durable] = process.argv;
  const consumer = await jetstream(await connect({ servers: url })).consumers.get('EVENTS', durable);
  for await (const _ of await consumer.consume({ max_messages: 1 })) process.kill(process.pid, 'SIGKILL');`;

async function dieOf(durable: string): Promise<void> {
  for (let delivery = 1; delivery <= maxDeliver; delivery += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', dying, nats.url, durable], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  }
  await askAgain(durable);
}

const deadLetter = (of: string) =>
  waitFor(async () => (await listDeadLetters(bus, { limit: 10, service: of }))[0], {
    what: `a dead letter of ${of}`,
  });

async function published(type: EventType): Promise<SluiceEvent[]> {
  const found: SluiceEvent[] = [];
  for (let sequence = 1; ;) {
    const message = await bus.jsm.direct.getMessage(eventsStream, {
      seq: sequence,
      next_by_subj: `${type}.bulk`,
    });
    if (!message) return found;
    found.push(decodeEnvelope(message.data));
    sequence = message.seq + 1;
  }
}

it('ends a message that kills every process before any code has seen it, and keeps it whole', async () => {
  await watch();
  const event = await send('license-bulk', 'pkg.requested');
  await dieOf('license-bulk');
  const { sequence, ...letter } = await deadLetter('license');
  expect(letter).toMatchObject({
    kind: 'dlq',
    consumer: 'license-bulk',
    subject: 'pkg.requested.bulk',
    eventId: event.id,
    code: 'delivery.exhausted',
    deliveries: maxDeliver,
  });
  const whole = await readDeadLetter(bus, sequence);
  expect(JSON.parse(whole!.payload)).toEqual(event);
  expect(whole!.headers['x-kept']).toBe('whole');
  const { assessmentId, purl, attempt } = event.data as Record<string, never>;
  expect(await published('pkg.failed')).toMatchObject([
    { data: { assessmentId, purl, attempt, stage: 'license', code: 'delivery.exhausted' } },
  ]);
});

it('learns of what was given up while nobody listened, once', async () => {
  await watch();
  await service.stop();
  service = testService();
  await send('scanner-bulk', 'pkg.downloaded');
  await exhaust('scanner-bulk');
  await waitFor(async () => (await bus.jsm.streams.info(exhaustedStream)).state.messages === 1);
  await watch();
  await deadLetter('scanner');
  await waitFor(async () => (await bus.jsm.streams.info(exhaustedStream)).state.messages === 0);
  expect(await published('pkg.failed')).toMatchObject([{ data: { stage: 'scan' } }]);
  expect(await listDeadLetters(bus, { limit: 10 })).toHaveLength(1);
});

it('delivers again what outages exhausted, and counts nothing against it', async () => {
  const ledger = await openAttemptLedger(bus, 'downloader');
  await watch();
  const event = await send('downloader-bulk', 'pkg.licensed');
  await ledger.excuse(event.id, 2);
  await exhaust('downloader-bulk');
  const again = await waitFor(
    async () => {
      const all = await published('pkg.licensed');
      return all.length === 2 ? all : null;
    },
    { what: 'the message to be published again' },
  );
  expect(again[1]).toEqual(event);
  await waitFor(async () => (await ledger.excused(event.id)) === 0);
  expect([await listDeadLetters(bus, { limit: 10 }), await published('pkg.failed')]).toEqual([[], []]);
});

it('asks the consumers with state what the end of their events means', async () => {
  const given: unknown[] = [];
  await watch({ 'request.submitted': async ({ event }, error) => void given.push([event, error]) });
  const requestId = crypto.randomUUID();
  const event = await send('aggregator-request-submitted-bulk', 'request.submitted', { requestId });
  await exhaust('aggregator-request-submitted-bulk');
  expect(await deadLetter('aggregator')).toMatchObject({ code: 'delivery.exhausted', eventId: event.id });
  expect(given).toEqual([[event, expect.objectContaining({ code: 'delivery.exhausted' })]]);
});

it('keeps what is no event too', async () => {
  await watch();
  await send('license-bulk', 'pkg.requested');
  await bus.jsm.streams.purge(eventsStream);
  await bus.js.publish('pkg.requested.bulk', 'no event at all');
  await exhaust('license-bulk');
  const { sequence } = await deadLetter('license');
  expect((await readDeadLetter(bus, sequence))?.payload).toBe('no event at all');
  expect(await published('pkg.failed')).toEqual([]);
});

it('leaves alone what belongs to consumers that are not Sluice’s', async () => {
  await watch();
  await send('somebody-looks', 'pkg.requested');
  await exhaust('somebody-looks');
  await send('license-bulk', 'pkg.requested', { assessmentId: eventId('a', 'b', 1) });
  await bus.jsm.streams.purge(eventsStream, { keep: 1 });
  await exhaust('license-bulk');
  await deadLetter('license');
  expect(await listDeadLetters(bus, { limit: 10 })).toHaveLength(1);
  expect(await published('pkg.failed')).toHaveLength(1);
});
