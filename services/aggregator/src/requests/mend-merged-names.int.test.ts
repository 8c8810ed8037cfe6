import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactStore } from '@sluice/artifacts';
import { makeEvent, requestSubmitted, uuidV7 } from '@sluice/contracts';
import { connectBus, ensureTopology, publish, type Bus } from '@sluice/broker';
import { toMessage, addToOutbox } from '@sluice/delivery';
import { createLogger } from '@sluice/runtime';
import { testNats, testPostgres } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mendMergedNames } from './mend-merged-names.ts';
import { aggregatorMigrations } from '../service.ts';
import { openRequests, takeIn } from './take-in-requests.ts';
import { transact } from '../transact.ts';
import { testDeps, testItem } from '../../test/aggregator-kit.ts';

const nats = await testNats();
const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-mend-'));
const deps = testDeps(sql, { artifacts: fileArtifactStore(folder) });
const never = new AbortController().signal;

let bus: Bus;
beforeAll(async () => {
  const log = createLogger('test', 'silent');
  bus = await connectBus({ url: nats.url, service: 'test', instance: 'test', log });
  await ensureTopology(bus);
});
afterAll(async () => {
  await bus.close();
  await rm(folder, { recursive: true });
});

/** As version 0.1 wrote it: the name as it is, the purl in lower case. */
const item = (name: string) =>
  testItem(name, { purl: `pkg:npm/${name.toLowerCase()}@1.0.3`, version: '1.0.3' });

it('items under merged names are assessed again under their own, once', async () => {
  const items = [item('JSONStream'), item('jsonstream'), item('plain')];
  const list = await deps.artifacts.put(
    Buffer.from(JSON.stringify({ format: 'test', projectName: null, entryCount: 3, items })),
  );
  const requestId = uuidV7();
  const data = {
    requestId,
    lane: 'bulk' as const,
    scope: 'default',
    requester: 'test',
    labels: {},
    format: 'test',
    filename: null,
    itemCount: 3,
    entryCount: 3,
    listDigest: list.digest,
    submittedAt: new Date().toISOString(),
  };
  const event = makeEvent(requestSubmitted, {
    id: uuidV7(),
    source: 'test',
    subject: requestId,
    time: new Date(),
    data,
  });
  await publish(bus, toMessage(event, { lane: 'bulk' }));
  await transact(deps, 'test', async (tx) => {
    const request = { data, traceparent: undefined, items };
    await openRequests(tx, [request]);
    await addToOutbox(tx, await takeIn(tx, [{ ...request, round: 1 }], deps));
  });
  await sql`update items set outcome = 'approve', ended_at = now()`;
  await sql`update requests set state = 'completed', open_items = 0, counts = '{"approve": 3}'`;

  expect(await mendMergedNames(bus, deps, never)).toBe(1);
  expect(await sql`select purl, outcome from items order by ordinal`).toEqual([
    { purl: 'pkg:npm/JSONStream@1.0.3', outcome: null },
    { purl: 'pkg:npm/jsonstream@1.0.3', outcome: 'approve' },
    { purl: 'pkg:npm/plain@1.0.3', outcome: 'approve' },
  ]);
  expect(await sql`select state, round, open_items, counts from requests`).toEqual([
    { state: 'open', round: 2, open_items: 1, counts: { approve: 2 } },
  ]);
  expect(await sql`select state from assessments where purl = 'pkg:npm/JSONStream@1.0.3'`).toHaveLength(1);
  const [told] = await sql<{ payload: string }[]>`
    select payload from outbox where payload like '%request.reopened%'`;
  expect(JSON.parse(told!.payload)).toMatchObject({
    data: { requestId, round: 2, ordinals: [0], purls: ['pkg:npm/JSONStream@1.0.3'] },
  });
  expect(await mendMergedNames(bus, deps, never)).toBe(0);
});
