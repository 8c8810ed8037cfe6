import { createLogger } from '@sluice/runtime';
import { answerMaxMs, exampleEvent, testNats, testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { deliveryMigrations } from '../delivery-migrations.ts';
import { connectBus, publish, ensureTopology, streamIdentity, type Bus } from '@sluice/broker';
import { toMessage } from '../outbox/to-message.ts';
import { noticeLostStream } from './stream-watch.ts';

const nats = await testNats();
const postgres = await testPostgres([deliveryMigrations('delivery')]);
const sql = postgres.connect('delivery');
let bus: Bus;
let losses = 0;

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
beforeEach(async () => {
  losses = 0;
  await sql`truncate stream_watch`;
});
afterAll(() => bus.close());

const look = (watcher = 'test') => noticeLostStream(bus, sql, watcher, async () => void (losses += 1));
const send = () => publish(bus, toMessage(exampleEvent('pkg.requested'), { lane: 'bulk' }));

async function restartEmpty(): Promise<void> {
  await nats.kill();
  await nats.loseData();
  await nats.start();
}
/** The connection may be made anew in the middle of the first call. */
const afterRestart = <T>(work: () => Promise<T>) =>
  waitFor(async () => ({ result: await work() }), { what: 'the broker' });

it('is quiet about a stream that is new to it, and about one that grows', async () => {
  expect(await look()).toBe(false);
  await send();
  expect(await look()).toBe(false);
  expect(losses).toBe(0);
});

it('makes a stream that is gone anew, and says so once to each watcher', async () => {
  await look('a');
  await look('b');
  const before = await streamIdentity(bus);
  await restartEmpty();
  expect((await afterRestart(() => look('a'))).result).toBe(true);
  expect((await streamIdentity(bus)).identity).not.toBe(before.identity);
  expect([await look('a'), await look('b'), await look('b'), losses]).toEqual([false, true, false, 2]);
});

it('takes a stream that ends earlier than it did for one that was restored from an older copy', async () => {
  await send();
  await look();
  await sql`update stream_watch set last_sequence = last_sequence + 5`;
  expect([await look(), await look()]).toEqual([true, false]);
});

it('tells again when what it led to could not be committed', async () => {
  await look();
  await sql`update stream_watch set identity = 'another'`;
  const failing = noticeLostStream(bus, sql, 'test', () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await look()).toBe(true);
});
