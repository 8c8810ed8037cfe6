import { uuidV7, type BatchFile, type SluiceEvent } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { logged, submission, testArtifacts } from '../../test/projection-kit.ts';
import { applyBatch, type Checkpoint } from '../apply.ts';
import { projectorMigrations, readSchema } from '../schema.ts';

const postgres = await testPostgres([projectorMigrations]);
const sql = postgres.connect(readSchema);
const artifacts = await testArtifacts();
const missing: string[] = [];
const deps = {
  sql,
  artifacts,
  log: createLogger('test', 'silent'),
  onListMissing: (digest: string) => missing.push(digest),
};
const start: Checkpoint = { streamIdentity: 'this', epoch: 1, sequence: 0 };

const clear = async () => {
  await sql`truncate requests, request_items, batches, batch_files, timeline, counts`;
  await sql`update checkpoint set stream_identity = 'this', epoch = 1, sequence = 0`;
};
beforeEach(clear);

const batchId = uuidV7();
const projectId = uuidV7();
const file = (path: string, more: Partial<BatchFile> = {}): BatchFile => ({
  path,
  sizeBytes: 7,
  result: 'ignored',
  requestId: null,
  format: null,
  reason: { code: 'file.other', message: 'no' },
  ...more,
});
async function listOf(files: BatchFile[]): Promise<string> {
  return (await artifacts.put(Buffer.from(JSON.stringify(files)))).digest;
}
const failure = { code: 'batch.upload-unreadable', detail: 'gone' };

/** A batch that failed, was opened after all, completed, was tried again, and cancelled. */
async function story(): Promise<SluiceEvent[]> {
  const filesDigest = await listOf([file('a'), file('b', { result: 'refused' })]);
  return [
    exampleEvent('batch.submitted', { batchId, projectId }),
    exampleEvent('batch.opened', { batchId, opening: 1, filesDigest: null }),
    exampleEvent('batch.completed', { batchId, round: 1, failure }),
    exampleEvent('batch.opened', { batchId, opening: 2, filesDigest }),
    exampleEvent('batch.reopened', { batchId, round: 2 }),
    exampleEvent('batch.completed', { batchId, round: 2, completedAt: '2026-03-01T09:40:00.000Z' }),
    exampleEvent('batch.reopened', { batchId, round: 3 }),
    exampleEvent('batch.cancelled', { batchId }),
    exampleEvent('batch.completed', { batchId, round: 3, completedAt: '2026-03-01T09:50:00.000Z' }),
  ];
}
const apply = (events: SluiceEvent[]) => applyBatch(deps, logged(events), start);
const row = async () => (await sql`select * from batches where id = ${batchId}`)[0];

it('shows a batch with its files, step by step', async () => {
  const events = await story();
  const seen = [];
  for (let count = 1; count <= events.length; count += 1) {
    await clear();
    await apply(events.slice(0, count));
    const { completed_at: completedAt, failure: why, round, opening } = (await row())!;
    seen.push([opening, round, completedAt !== null, (why as { code: string } | null)?.code ?? null]);
  }
  expect(seen).toEqual([
    [0, 1, false, null],
    [1, 1, false, null],
    [1, 1, true, failure.code],
    [2, 1, true, failure.code],
    [2, 2, false, null],
    [2, 2, true, null],
    [2, 3, false, null],
    [2, 3, false, null],
    [2, 3, true, null],
  ]);
  expect(await sql`select path, result from batch_files order by ordinal`).toEqual([
    { path: 'a', result: 'ignored' },
    { path: 'b', result: 'refused' },
  ]);
  expect(await row()).toMatchObject({
    requester: 'mira@example.org',
    upload_kind: 'archive',
    file_count: 5,
    request_count: 2,
    project_id: projectId,
    cancelled_at: expect.any(Date) as Date,
  });
});

it('ends the same in any order of its events, and when they come twice', async () => {
  const events = await story();
  await apply(events);
  const whole = await row();
  const order = fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 });
  await fc.assert(
    fc.asyncProperty(order, async (shuffled) => {
      await clear();
      await apply(shuffled);
      // The place of an event in the stream is all that differs.
      expect({ ...(await row()), position: null }).toEqual({ ...whole, position: null });
      expect(await sql`select path from batch_files order by ordinal`).toEqual([
        { path: 'a' },
        { path: 'b' },
      ]);
    }),
    { numRuns: 30 },
  );
});

it('names the batch of a request', async () => {
  const event = await submission(artifacts, ['a']);
  (event.data as { batchId: string }).batchId = batchId;
  await apply([event]);
  expect(await sql`select batch_id from requests`).toEqual([{ batch_id: batchId }]);
});

it('shows no files when their list is gone, and goes on', async () => {
  const filesDigest = `sha256:${'9'.repeat(64)}`;
  await apply([
    exampleEvent('batch.opened', { batchId, filesDigest }),
    exampleEvent('batch.completed', { batchId }),
  ]);
  expect(missing).toEqual([filesDigest]);
  expect((await row())!['completed_at']).not.toBeNull();
});
