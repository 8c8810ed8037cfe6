import { uuidV7 } from '@sluice/contracts';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { admitAll, bringEvidence, submitItems, testDeps, testItem } from '../../test/aggregator-kit.ts';
import { onFailed } from '../assessments/on-failed.ts';
import { cancelBatch } from '../commands/cancel-batch.ts';
import { knownBatches } from '../commands/known-batches.ts';
import { retryFailed } from '../commands/retry.ts';
import { giveUpRequest } from '../requests/give-up-request.ts';
import { aggregatorMigrations } from '../service.ts';
import { endCancelledBatches } from './end-cancelled.ts';
import { onBatchOpened } from './on-batch-opened.ts';
import { onBatchSubmitted } from './on-batch-submitted.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator', { pool: 8 });
const deps = testDeps(sql);
const by = { by: 'mira', reason: 'the wrong branch' };

type Fact = { type: string; subject: string; data: Record<string, unknown> };

/** Facts about a batch, in order. */
async function told(batchId: string): Promise<Fact[]> {
  const rows = await sql<{ payload: string }[]>`select payload from outbox order by position`;
  return rows
    .map(({ payload }) => JSON.parse(payload) as Fact)
    .filter(({ type, subject }) => subject === batchId && type.startsWith('batch.'));
}
const types = async (batchId: string) => (await told(batchId)).map(({ type }) => type);
const received = <Event>(event: Event) => [{ event, traceparent: undefined, sequence: 1 }];
const submitted = (batchId: string) =>
  onBatchSubmitted(deps)(received(exampleEvent('batch.submitted', { batchId, lane: 'bulk' })));
const opened = (batchId: string, requestCount: number, more: object = {}) =>
  onBatchOpened(deps)(
    received(exampleEvent('batch.opened', { batchId, lane: 'bulk', requestCount, ...more })),
  );
let count = 0;
const newName = () => `batched-${(count += 1)}`;
const nothing = testItem('local', { purl: null, unassessable: { code: 'source.git', message: 'git' } });

/** Ends the assessment of a package version. */
async function end(name: string, how: 'assessed' | 'failed' = 'assessed'): Promise<void> {
  await admitAll(deps);
  const purl = `pkg:npm/${name}@1.0.0`;
  const [row] = await sql<
    { id: string }[]
  >`select id from assessments where purl = ${purl} and state = 'running'`;
  const { id: assessmentId } = row!;
  if (how === 'assessed') await bringEvidence(deps, purl, assessmentId);
  else
    await onFailed(deps)(
      received(exampleEvent('pkg.failed', { assessmentId, purl, attempt: 1, lane: 'bulk' })) as never,
    );
}

it('a batch completes with its last request, in the same transaction, with what became of all items', async () => {
  const batchId = uuidV7();
  const [a, b, c] = [newName(), newName(), newName()];
  await submitted(batchId);
  await submitItems(deps, [testItem(a), testItem(b)], { batchId });
  await submitItems(deps, [testItem(c), nothing], { batchId });
  await opened(batchId, 2);
  await end(a);
  await end(b);
  expect(await types(batchId)).toEqual([]);
  await end(c);
  const [fact, ...others] = await told(batchId);
  expect(others).toEqual([]);
  expect(fact).toMatchObject({
    type: 'batch.completed',
    data: { round: 1, requestCount: 2, counts: { approve: 3, unassessable: 1 } },
  });
  const [ends] = await sql`
    select count(distinct xmin::text)::int as transactions from outbox o
    where o.payload::json ->> 'subject' = ${batchId} or (o.subject = 'request.completed.bulk' and position = (
      select max(position) from outbox where subject = 'request.completed.bulk'))`;
  expect(ends).toEqual({ transactions: 1 });
});

it('a batch whose requests ended before its files were all told completes when they are', async () => {
  const batchId = uuidV7();
  await submitItems(deps, [nothing], { batchId });
  await submitItems(deps, [], { batchId });
  expect(await types(batchId)).toEqual([]);
  await opened(batchId, 2);
  expect(await types(batchId)).toEqual(['batch.completed']);
});

it('a batch that is told of twice, or late, is the same batch', async () => {
  const batchId = uuidV7();
  const event = received(exampleEvent('batch.opened', { batchId, lane: 'bulk', requestCount: 1 }));
  await onBatchOpened(deps)(event);
  await submitItems(deps, [nothing], { batchId });
  await onBatchOpened(deps)(event);
  await opened(batchId, 7);
  await submitted(batchId);
  expect(await types(batchId)).toEqual(['batch.completed']);
  expect(await knownBatches({ batchIds: [batchId, uuidV7()] }, deps)).toEqual({
    known: [batchId],
    opened: [batchId],
  });
});

it('requests that end at the same time complete their batch once', async () => {
  for (let round = 0; round < 20; round += 1) {
    const batchId = uuidV7();
    await Promise.all([
      ...Array.from({ length: 4 }, () => submitItems(deps, [nothing], { batchId })),
      opened(batchId, 4),
    ]);
    expect(await types(batchId)).toEqual(['batch.completed']);
  }
});

it('a retry opens the batch again, and it completes once more', async () => {
  const batchId = uuidV7();
  const [a, other] = [newName(), newName()];
  await submitItems(deps, [testItem(a)], { batchId });
  await submitItems(deps, [testItem(other)]);
  await opened(batchId, 1);
  await end(a, 'failed');
  await end(other, 'failed');
  const filter = { requestId: null, purl: null, code: null, stage: null, limit: 100 };
  const tried = await retryFailed({ ...by, ...filter, batchId }, deps);
  expect(tried).toMatchObject({ items: 1, requests: 1 });
  await end(a);
  expect((await told(batchId)).map(({ type, data }) => [type, data['round'], data['counts']])).toEqual([
    ['batch.completed', 1, { failed: 1 }],
    ['batch.reopened', 2, undefined],
    ['batch.completed', 2, { approve: 1 }],
  ]);
  await expect(retryFailed({ ...by, ...filter, batchId: uuidV7() }, deps)).rejects.toMatchObject({
    code: 'batch.not-found',
  });
});

it('a cancelled batch cancels its requests, also those that come later, and then completes', async () => {
  const batchId = uuidV7();
  await submitted(batchId);
  const early = await submitItems(deps, [testItem(newName())], { batchId });
  const ended = await submitItems(deps, [nothing], { batchId });
  expect(await cancelBatch({ ...by, batchId }, deps)).toEqual({ batchId, requests: 1 });
  expect(await cancelBatch({ ...by, batchId }, deps)).toEqual({ batchId, requests: 0 });
  const late = await submitItems(deps, [testItem(newName())], { batchId });
  await opened(batchId, 3);
  expect(await types(batchId)).toEqual(['batch.cancelled']);
  expect(await endCancelledBatches(deps)).toBe(1);
  expect(await endCancelledBatches(deps)).toBe(0);
  const states = await sql`select id, state from requests where batch_id = ${batchId}`;
  expect(Object.fromEntries(states.map(({ id, state }) => [id, state]))).toEqual({
    [early]: 'cancelled',
    [ended]: 'completed',
    [late]: 'cancelled',
  });
  expect(await told(batchId)).toMatchObject([
    { type: 'batch.cancelled', data: by },
    { type: 'batch.completed', data: { counts: { cancelled: 2, unassessable: 1 } } },
  ]);
  expect(await sql`select actor, action from audit where subject = ${batchId}`).toEqual([
    { actor: 'mira', action: 'cancel-batch' },
  ]);
});

it('a batch that ended, or is not known, is not cancelled', async () => {
  const batchId = uuidV7();
  await expect(cancelBatch({ ...by, batchId }, deps)).rejects.toMatchObject({ code: 'batch.not-found' });
  await opened(batchId, 0);
  await expect(cancelBatch({ ...by, batchId }, deps)).rejects.toMatchObject({ code: 'batch.ended' });
});

it('a batch that cannot be opened fails with why, and goes on when it is opened after all', async () => {
  const batchId = uuidV7();
  const failure = { code: 'batch.upload-unreadable', detail: 'gone' };
  await submitted(batchId);
  await opened(batchId, 0, { filesDigest: null, failure });
  await expect(cancelBatch({ ...by, batchId }, deps)).rejects.toMatchObject({ code: 'batch.ended' });
  await opened(batchId, 1, { opening: 2 });
  await submitItems(deps, [nothing], { batchId });
  expect((await told(batchId)).map(({ type, data }) => [type, data['round'], data['failure']])).toEqual([
    ['batch.completed', 1, failure],
    ['batch.reopened', 2, undefined],
    ['batch.completed', 2, undefined],
  ]);
});

it('a request that is given up ends its batch as well', async () => {
  const batchId = uuidV7();
  await opened(batchId, 1);
  const [lost] = received(exampleEvent('request.submitted', { requestId: uuidV7(), lane: 'bulk', batchId }));
  await giveUpRequest(deps)(lost!, new Error('gone'));
  expect(await types(batchId)).toEqual(['batch.completed']);
});
