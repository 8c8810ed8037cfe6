import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  TransientError,
  decodeEnvelope,
  pkgDownloaded,
  pkgLicensed,
  requestSubmitted,
  type EventData,
  type EventType,
  type SluiceEvent,
} from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats, testService, waitFor, type TestService } from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openAttemptLedger } from './attempt-ledger.ts';
import { connectBus, type Bus } from './connection.ts';
import { consumerMetrics } from './consumer-metrics.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import { listDeadLetters, readDeadLetter } from './dead-letter-store.ts';
import { publish, toMessage } from './publish.ts';
import { startConsumer } from './start-consumer.ts';
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
async function watch(...definitions: ConsumerDefinition<never>[]): Promise<void> {
  watchExhausted(bus, definitions, service);
  await waitFor(() => bus.jsm.streams.info(exhaustedStream).catch(() => null), { what: 'the stream' });
}

/** A durable consumer with a message for it that nobody has taken yet. */
async function send(durable: string, type: EventType, data: object = {}): Promise<SluiceEvent> {
  await limitDeliveries(durable, `${type}.bulk`);
  return publishExample(type, data);
}

/** Makes a durable consumer, or brings the limit of one that is there down to what a test can reach. */
async function limitDeliveries(durable: string, filterSubject: string, max = maxDeliver): Promise<void> {
  await ensureConsumer(bus, {
    durable,
    filterSubject,
    ackWaitMs: 150,
    maxAckPending: 100,
    maxDeliver: max,
  });
}

async function publishExample(type: EventType, data: object = {}): Promise<SluiceEvent> {
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

const limits = { batchMax: 10, attemptsMax: 10, ackWaitMs: 30_000, retryBaseMs: 10 };

/** Consumers with state, whose attempts stand under a name that is or is not that of their durables. */
const consumers = {
  named: { service: 'aggregator', name: 'evidence', consumes: [pkgLicensed, pkgDownloaded], limits },
  unnamed: { service: 'aggregator', consumes: pkgLicensed, limits },
};

it.each(['named', 'unnamed'] as const)(
  'delivers an event of a %s consumer again after outages',
  async (kind) => {
    const definition = consumers[kind] as ConsumerDefinition<never>;
    const durable = 'aggregator-pkg-licensed-bulk';
    await watch(definition);
    let tries = 0;
    const consuming = testService();
    await startConsumer(
      bus,
      definition,
      async () => {
        tries += 1;
        throw new TransientError('backend.unavailable', 'gone', { host: 'postgres', retryAfterMs: 20 });
      },
      consuming,
    );
    const event = await publishExample('pkg.licensed');
    await waitFor(() => tries >= 4, { what: 'outages' });
    await consuming.stop();
    // The broker says that it gave a message up at the one delivery that is too many.
    await limitDeliveries(durable, 'pkg.licensed.bulk', tries);
    await askAgain(durable);
    const all = await waitFor(
      async () => {
        const found = await published('pkg.licensed');
        return found.length === 2 ? found : null;
      },
      { what: 'the message to be published again' },
    );
    expect(all[1]).toEqual(event);
    expect([await listDeadLetters(bus, { limit: 10 }), await published('pkg.failed')]).toEqual([[], []]);
  },
);

it('delivers again what outages exhausted in a stage, and counts nothing against it', async () => {
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
  expect([await listDeadLetters(bus, { limit: 10 }), await published('pkg.failed')]).toEqual([[], []]);
});

it('asks the consumers with state what the end of their events means', async () => {
  const given: unknown[] = [];
  const onDead = async ({ event }: { event: SluiceEvent }, error: unknown) => void given.push([event, error]);
  const definition: ConsumerDefinition<EventData<typeof requestSubmitted>> = {
    service: 'aggregator',
    consumes: requestSubmitted,
    limits,
    onDead,
  };
  await watch(definition as ConsumerDefinition<never>);
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

it('keeps the message of a consumer that no definition has, counts it and tells of it', async () => {
  const before = await countOf('unknown');
  await watch();
  const event = await send('notifier-pkg-requested-bulk', 'pkg.requested');
  await exhaust('notifier-pkg-requested-bulk');
  const letter = await deadLetter('unknown');
  expect(letter).toMatchObject({
    consumer: 'notifier-pkg-requested-bulk',
    eventId: event.id,
    code: 'delivery.exhausted',
  });
  expect(JSON.parse((await readDeadLetter(bus, letter.sequence))!.payload)).toEqual(event);
  expect(await published('pkg.failed')).toEqual([]);
  expect(await countOf('unknown')).toBe(before + 1);
});

async function countOf(consumer: string): Promise<number> {
  const { values } = await consumerMetrics.deadLetters.get();
  return values
    .filter(({ labels }) => labels['consumer'] === consumer)
    .reduce((sum, { value }) => sum + value, 0);
}
