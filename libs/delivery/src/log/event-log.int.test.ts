import { createLogger } from '@sluice/runtime';
import { answerMaxMs, exampleEvent, testNats, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectBus, publish, ensureTopology, eventsStream, type Bus } from '@sluice/broker';
import { readEventLog, type LoggedMessage } from './event-log.ts';
import { toMessage } from '../outbox/to-message.ts';

const nats = await testNats();
let bus: Bus;

beforeAll(async () => {
  bus = await connectBus({
    url: nats.url,
    service: 'test',
    instance: 't',
    log: createLogger('test', 'silent'),
    answerMaxMs,
  });
});
// A fresh stream, so that its sequences begin with 1.
beforeEach(async () => {
  await bus.jsm.streams.delete(eventsStream).catch(() => {});
  await ensureTopology(bus);
});
afterAll(() => bus.close());

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

async function send(count: number): Promise<void> {
  const lanes = ['bulk', 'interactive'] as const;
  const publishing = Array.from({ length: count }, (_, index) => {
    const lane = lanes[index % 2]!;
    return publish(bus, toMessage(exampleEvent('pkg.requested', { lane }), { lane, traceparent }));
  });
  await Promise.all(publishing);
}

/** Reads from a sequence until `enough` says so. */
async function read(
  fromSequence: number,
  enough: (messages: LoggedMessage[]) => boolean,
  batchMax = 100,
): Promise<LoggedMessage[][]> {
  const done = new AbortController();
  const batches: LoggedMessage[][] = [];
  await readEventLog(bus, { fromSequence, batchMax, signal: done.signal }, async (batch) => {
    batches.push(batch);
    if (enough(batches.flat())) done.abort();
  });
  return batches;
}
const upTo = (last: number) => (messages: LoggedMessage[]) => messages.at(-1)!.sequence >= last;
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

it('reads both lanes in one order, in bounded batches', async () => {
  await send(250);
  const batches = await read(1, upTo(250));
  expect(batches.flat().map(({ sequence }) => sequence)).toEqual(from(1, 250));
  expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(100);
  expect(batches.length).toBeLessThan(250);
  expect(batches[0]![0]).toMatchObject({ subject: 'pkg.requested.bulk', traceparent });
});

it('resumes from a sequence', async () => {
  await send(20);
  const batches = await read(15, upTo(20));
  expect(batches.flat().map(({ sequence }) => sequence)).toEqual(from(15, 20));
});

it('goes on with what comes while it reads', async () => {
  await send(5);
  const reading = read(1, upTo(10));
  await send(5);
  expect((await reading).flat().map(({ sequence }) => sequence)).toEqual(from(1, 10));
});

it('ends when it is told to, also while nothing comes, and takes its consumer away', async () => {
  await send(1);
  const stop = new AbortController();
  let seen = 0;
  const reading = readEventLog(bus, { fromSequence: 1, batchMax: 10, signal: stop.signal }, async (batch) => {
    seen += batch.length;
  });
  await waitFor(() => seen === 1);
  stop.abort();
  await reading;
  expect((await bus.jsm.streams.info(eventsStream)).state.consumer_count).toBe(0);
  await readEventLog(bus, { fromSequence: 1, batchMax: 10, signal: stop.signal }, async () => {
    seen += 1;
  });
  expect(seen).toBe(1);
});

it('passes on what the reader throws', async () => {
  await send(1);
  const broken = readEventLog(
    bus,
    { fromSequence: 1, batchMax: 10, signal: new AbortController().signal },
    () => Promise.reject(new Error('the reader broke')),
  );
  await expect(broken).rejects.toThrow('the reader broke');
});

it('says that the stream is gone, also when that happens while a batch is in work', async () => {
  await send(1);
  const reading = readEventLog(
    bus,
    { fromSequence: 1, batchMax: 10, signal: new AbortController().signal },
    async () => {
      await bus.jsm.streams.delete(eventsStream);
      // Long enough for the news to arrive before the batch is done.
      for (let round = 0; round < 5; round += 1) await bus.nc.flush();
    },
  );
  await expect(reading).rejects.toThrow();
});

it('gives every event once across a restart of the broker', async () => {
  await send(50);
  const seen: number[] = [];
  const done = new AbortController();
  const reading = readEventLog(bus, { fromSequence: 1, batchMax: 10, signal: done.signal }, async (batch) => {
    seen.push(...batch.map(({ sequence }) => sequence));
    if (seen.length === 20) {
      await nats.stop();
      await nats.start();
    }
    if (seen.at(-1) === 60) done.abort();
  });
  await waitFor(() => seen.length >= 50);
  await waitFor(() => send(10).then(() => true));
  await reading;
  expect(seen).toEqual(from(1, 60));
});
