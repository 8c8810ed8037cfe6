import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactStore } from '@sluice/artifacts';
import { decodeEnvelope, requestSubmitted, uuidV7 } from '@sluice/contracts';
import { connectBus, deadLettersStream, ensureTopology, publish, type Bus } from '@sluice/broker';
import {
  listDeadLetters,
  readDeadLetter,
  republishDeadLetter,
  startConsumer,
  toMessage,
} from '@sluice/delivery';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats, testPostgres, testService, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { giveUpRequest } from './give-up-request.ts';
import { onRequestSubmitted } from './on-request-submitted.ts';
import { aggregatorMigrations } from '../service.ts';
import { testDeps } from '../../test/aggregator-kit.ts';

const nats = await testNats();
const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-give-up-'));
const artifacts = fileArtifactStore(folder);
const log = createLogger('test', 'silent');
const service = testService();
let bus: Bus;
const scopes = new Map(testDeps(sql).scopes);
const deps = testDeps(sql, { artifacts, scopes });

beforeAll(async () => {
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  await ensureTopology(bus);
  const limits = { batchMax: 10, attemptsMax: 2, ackWaitMs: 30_000, retryBaseMs: 5 };
  await startConsumer(
    bus,
    { service: 'aggregator', consumes: requestSubmitted, limits, onDead: giveUpRequest(deps) },
    onRequestSubmitted(deps),
    service,
  );
});
afterAll(async () => {
  await service.stop();
  await bus.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => bus.jsm.streams.purge(deadLettersStream));

const item = (purl: string) => ({
  purl,
  name: purl,
  version: '1.0.0',
  pins: [],
  paths: [purl],
  pathCount: 1,
  dev: false,
  optional: false,
  bundled: false,
  direct: true,
  unassessable: null,
  notes: [],
});
const listOf = (purls: string[]) =>
  Buffer.from(
    JSON.stringify({ format: 'test', projectName: null, entryCount: purls.length, items: purls.map(item) }),
  );

/** Submits a request whose list is these bytes, and is in the store only when it is put there. */
async function submit(list: Buffer, itemCount: number, scope = 'default'): Promise<string> {
  const { digest } = await fileArtifactStore(path.join(folder, 'elsewhere')).put(list);
  const event = exampleEvent('request.submitted', {
    requestId: uuidV7(),
    lane: 'bulk',
    scope,
    itemCount,
    listDigest: digest,
  });
  await publish(bus, toMessage(event, { lane: 'bulk' }));
  return event.data.requestId;
}

const stateOf = async (id: string) => {
  const [row] = await sql`
    select state, round, open_items as open, counts, completed_at is not null as ended,
      (select count(*)::int from items where request_id = r.id) as items
    from requests r where id = ${id}`;
  return row;
};
const ended = (id: string) => waitFor(() => stateOf(id), { what: 'the request' });

async function factsAbout(id: string) {
  const rows = await sql<{ payload: string }[]>`select payload from outbox order by position`;
  return rows.map(({ payload }) => decodeEnvelope(payload)).filter(({ subject }) => subject === id);
}
const deadLetter = () =>
  waitFor(async () => (await listDeadLetters(bus, { limit: 10, service: 'aggregator' }))[0], {
    what: 'the dead letter',
  });

it('a request whose list is gone ends as failed, with a code, after its attempts', async () => {
  const id = await submit(listOf(['pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0']), 2);
  expect(await ended(id)).toEqual({
    state: 'failed',
    round: 1,
    open: 0,
    counts: { failed: 2 },
    ended: true,
    items: 0,
  });
  expect(await factsAbout(id)).toMatchObject([
    {
      type: 'request.completed',
      data: { counts: { failed: 2 }, round: 1, failure: { code: 'request.list-unreadable' } },
    },
  ]);
  expect(await deadLetter()).toMatchObject({ code: 'request.list-unreadable', attempts: 2 });
});

it('is opened again when its dead letter is redriven and the list is back', async () => {
  const list = listOf(['pkg:npm/back@1.0.0', 'pkg:npm/again@1.0.0']);
  const id = await submit(list, 2);
  const letter = await deadLetter();
  // Once more without the list: it stays as it ended, and says nothing twice.
  await republishDeadLetter(bus, (await readDeadLetter(bus, letter.sequence))!);
  const second = await waitFor(async () => {
    const [next] = await listDeadLetters(bus, { limit: 1 });
    return next && next.sequence > letter.sequence ? next : null;
  });
  expect([(await stateOf(id))?.['state'], (await factsAbout(id)).length]).toEqual(['failed', 1]);

  await artifacts.put(list);
  await republishDeadLetter(bus, (await readDeadLetter(bus, second.sequence))!);
  await waitFor(async () => (await stateOf(id))?.['state'] === 'open', {
    what: 'the request to be open again',
  });
  expect(await stateOf(id)).toEqual({ state: 'open', round: 2, open: 2, counts: {}, ended: false, items: 2 });
  expect((await factsAbout(id))[1]).toMatchObject({
    type: 'request.reopened',
    data: { round: 2, ordinals: [0, 1] },
  });
  const assessed = await sql`select purl from assessments where state = 'waiting' order by purl`;
  expect([...assessed]).toEqual([{ purl: 'pkg:npm/again@1.0.0' }, { purl: 'pkg:npm/back@1.0.0' }]);
});

it('what is no list, and a list for nothing, end alike', async () => {
  const garbage = Buffer.from('no list at all');
  await artifacts.put(garbage);
  const [damaged, empty] = [await submit(garbage, 1), await submit(listOf([]), 0)];
  expect(await ended(damaged)).toMatchObject({ state: 'failed', counts: { failed: 1 } });
  expect(await ended(empty)).toMatchObject({ state: 'failed', counts: {} });
});

it('a request that was taken in is never given up', async () => {
  const list = listOf(['pkg:npm/fine@1.0.0']);
  await artifacts.put(list);
  const id = await submit(list, 1);
  await ended(id);
  const event = exampleEvent('request.submitted', { requestId: id });
  await giveUpRequest(deps)({ event, traceparent: undefined, sequence: 1 }, new Error('late'));
  expect(await stateOf(id)).toMatchObject({ state: 'open', items: 1 });
});

it('a request of a scope that the aggregator does not know ends as failed, and is opened when it does', async () => {
  const list = listOf(['pkg:npm/scoped@1.0.0']);
  await artifacts.put(list);
  const id = await submit(list, 1, 'team-a');
  expect(await ended(id)).toMatchObject({ state: 'failed', counts: { failed: 1 } });
  expect(await factsAbout(id)).toMatchObject([
    { type: 'request.completed', data: { scope: 'team-a', failure: { code: 'scope.unknown' } } },
  ]);
  const letter = await deadLetter();
  expect(letter).toMatchObject({ code: 'scope.unknown', attempts: 1 });
  scopes.set('team-a', scopes.get('default')!);
  await republishDeadLetter(bus, (await readDeadLetter(bus, letter.sequence))!);
  await waitFor(async () => (await stateOf(id))?.['state'] === 'open', { what: 'the request' });
});
