import { uuidV7 } from '@sluice/contracts';
import { connectBus, ensureConsumer, ensureTopology, eventsStream, publish, type Bus } from '@sluice/broker';
import { toMessage } from '@sluice/delivery';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats, testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { redriveAfterLoss } from './redrive-after-loss.ts';
import { aggregatorMigrations } from '../service.ts';
import { testDeps } from '../../test/aggregator-kit.ts';

const nats = await testNats();
const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const log = createLogger('test', 'silent');
let bus: Bus;
let published = 0;
// Nothing of what was left out is touched on this path.
const deps = testDeps(sql, {
  published: () => void (published += 1),
  now: () => new Date('2026-03-01T09:30:00Z'),
});

beforeAll(async () => {
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  await ensureTopology(bus);
});
beforeEach(async () => {
  published = 0;
  await sql`truncate assessments, outbox, outbox_waiting, stream_watch cascade`;
});
afterAll(() => bus.close());

/** An assessment in the middle of its way, far from its deadline. */
async function insert(purl: string, attempt: number, state: string): Promise<void> {
  await sql`
    insert into assessments (id, purl, lane, attempt, state, stage, late_mark, license, traceparent, requested_at, deadline_at)
    values (${uuidV7()}, ${purl}, 'bulk', ${attempt}, ${state}, 'download', 700, '{"declared":"MIT"}',
      ${`00-${'4'.repeat(32)}-${'1'.repeat(16)}-01`}, ${deps.now()}, ${new Date('2030-01-01T00:00:00Z')})`;
}

it('sends everything that runs through the stages again when the broker lost data, once', async () => {
  await insert('pkg:npm/first@1.0.0', 1, 'running');
  await insert('pkg:npm/often@1.0.0', 3, 'running');
  await insert('pkg:npm/ended@1.0.0', 1, 'assessed');
  expect([await redriveAfterLoss(bus, deps), await redriveAfterLoss(bus, deps), published]).toEqual([
    0, 0, 0,
  ]);

  await nats.kill();
  await nats.loseData();
  await nats.start();
  expect(await waitFor(() => redriveAfterLoss(bus, deps), { what: 'the loss to be noticed' })).toBe(2);
  expect([await redriveAfterLoss(bus, deps), published]).toEqual([0, 1]);

  const rows = await sql`
    select purl, attempt, state, stage, license, late_mark as mark from assessments order by purl`;
  const anew = { state: 'running', stage: 'license', license: null, mark: null };
  expect(rows).toMatchObject([
    { purl: 'pkg:npm/ended@1.0.0', attempt: 1, state: 'assessed' },
    { purl: 'pkg:npm/first@1.0.0', attempt: 2, ...anew },
    // One more than the cap: that the broker lost data is no fault of the package's.
    { purl: 'pkg:npm/often@1.0.0', attempt: 4, ...anew },
  ]);
  const messages = await sql<{ subject: string; data: { purl: string; attempt: number } }[]>`
    select subject, payload::jsonb -> 'data' as data from outbox join outbox_waiting using (position)`;
  expect(messages.map(({ subject, data }) => `${subject} ${data.purl} ${data.attempt}`).toSorted()).toEqual([
    'pkg.requested.bulk pkg:npm/first@1.0.0 2',
    'pkg.requested.bulk pkg:npm/often@1.0.0 4',
  ]);
}, 30_000);

it('sends everything that runs through the stages again when messages are purged that no consumer had settled', async () => {
  await insert('pkg:npm/first@1.0.0', 1, 'running');
  const limits = { ackWaitMs: 30_000, maxAckPending: 10 };
  await ensureConsumer(bus, { durable: 'license-bulk', filterSubject: 'pkg.requested.bulk', ...limits });
  const send = () => publish(bus, toMessage(exampleEvent('pkg.requested'), { lane: 'bulk' }));
  expect(await redriveAfterLoss(bus, deps)).toBe(0);
  await send();
  await bus.jsm.streams.purge(eventsStream);
  expect([await redriveAfterLoss(bus, deps), await redriveAfterLoss(bus, deps)]).toEqual([1, 0]);

  // One that is settled before it goes is missed by nobody.
  await send();
  const consumer = await bus.js.consumers.get(eventsStream, 'license-bulk');
  await (await consumer.next({ expires: 5_000 }))!.ackAck();
  expect(await redriveAfterLoss(bus, deps)).toBe(0);
  await bus.jsm.streams.purge(eventsStream);
  expect(await redriveAfterLoss(bus, deps)).toBe(0);

  // Where the oldest go when a limit is lowered, in spite of `discard: new`, that is a loss; newer brokers keep them.
  await send();
  await send();
  expect(await redriveAfterLoss(bus, deps)).toBe(0);
  const { config } = await bus.jsm.streams.info(eventsStream);
  onTestFinished(async () => void (await bus.jsm.streams.update(eventsStream, config)));
  await bus.jsm.streams.update(eventsStream, { ...config, max_msgs: 1 });
  const { state } = await bus.jsm.streams.info(eventsStream);
  const lost = state.messages < 2 ? 1 : 0;
  expect([await redriveAfterLoss(bus, deps), await redriveAfterLoss(bus, deps)]).toEqual([lost, 0]);
});

it('counts a queue that grows old message by message as one loss', async () => {
  await insert('pkg:npm/first@1.0.0', 1, 'running');
  const limits = { ackWaitMs: 30_000, maxAckPending: 10 };
  await ensureConsumer(bus, { durable: 'license-bulk', filterSubject: 'pkg.requested.bulk', ...limits });
  await redriveAfterLoss(bus, deps);
  const send = () => publish(bus, toMessage(exampleEvent('pkg.requested'), { lane: 'bulk' }));
  const sent = [await send(), await send(), await send()];
  await redriveAfterLoss(bus, deps);
  const redriven: number[] = [];
  for (const sequence of sent.slice(0, 2)) {
    await bus.jsm.streams.purge(eventsStream, { seq: sequence + 1 });
    redriven.push(await redriveAfterLoss(bus, deps));
  }
  expect(redriven).toEqual([1, 0]);
});

it('a consumer that is deleted while nobody runs goes on where it was, also with what it had not settled', async () => {
  const spec = {
    durable: 'scanner-bulk',
    filterSubject: 'pkg.downloaded.bulk',
    ackWaitMs: 30_000,
    maxAckPending: 10,
  };
  await ensureConsumer(bus, spec);
  const send = () => publish(bus, toMessage(exampleEvent('pkg.downloaded'), { lane: 'bulk' }));
  const sent = [await send(), await send(), await send()];
  const consumer = () => bus.js.consumers.get(eventsStream, spec.durable);
  await (await (await consumer()).next({ expires: 5_000 }))!.ackAck();
  await (await consumer()).next({ expires: 5_000 });
  await redriveAfterLoss(bus, deps);
  await bus.jsm.consumers.delete(eventsStream, spec.durable);
  await redriveAfterLoss(bus, deps);
  await ensureConsumer(bus, spec);
  expect((await (await consumer()).next({ expires: 5_000 }))!.seq).toBe(sent[1]);
});

it('a position beyond the end of the stream, which was restored from an older copy, is none', async () => {
  const spec = { durable: 'scanner-interactive', filterSubject: 'pkg.downloaded.interactive' };
  const limits = { ackWaitMs: 30_000, maxAckPending: 10 };
  const { last_seq: last } = (await bus.jsm.streams.info(eventsStream)).state;
  await redriveAfterLoss(bus, deps);
  const kept = (await bus.jsm.direct.getMessage('KV_POSITIONS', { last_by_subj: '$KV.POSITIONS.settled' }))!;
  const { identity } = kept.json<{ identity: string }>();
  const positions = { [spec.durable]: last + 10 };
  await bus.js.publish('$KV.POSITIONS.settled', JSON.stringify({ identity, positions }));
  await ensureConsumer(bus, { ...spec, ...limits });
  const sequence = await publish(bus, toMessage(exampleEvent('pkg.downloaded'), { lane: 'interactive' }));
  const consumer = await bus.js.consumers.get(eventsStream, spec.durable);
  expect((await consumer.next({ expires: 5_000 }))?.seq).toBe(sequence);
});
