import { readFile } from 'node:fs/promises';
import { uuidV7, type SluiceEvent } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { lifeOf, logged, purlOf, submission, testArtifacts } from '../../test/projection-kit.ts';
import { applyBatch, readCheckpoint } from '../apply.ts';
import { projectorMigrations, readSchema } from '../schema.ts';

const postgres = await testPostgres([projectorMigrations]);
const sql = postgres.connect(readSchema);
const artifacts = await testArtifacts();
const deps = { sql, artifacts, log: createLogger('test', 'silent') };
await sql`update checkpoint set stream_identity = 'this', epoch = 1, sequence = 0`;
/** The migrations that count everything, the later one requests anew: the same must come of counting along. */
async function countingOf(migration: string): Promise<string> {
  const text = await readFile(new URL(migration, projectorMigrations.folder), 'utf8');
  return text.split('insert into counts\n')[1]!.trim().replace(/;$/, '');
}
const counting = `
  select * from (${await countingOf('0006-counts.sql')}) as counted (kind, key, count) where kind <> 'requests'
  union all ${await countingOf('0011-request-counts.sql')}`;

async function apply(events: SluiceEvent[]): Promise<void> {
  const from = await readCheckpoint(sql);
  await applyBatch(deps, logged(events, from.sequence + 1), from);
}
const sorted = (rows: readonly object[]) => rows.map((row) => Object.values(row).join(' ')).toSorted();

it('the kept counts equal the counted rows after every batch', async () => {
  const [first, second] = [await submission(artifacts, ['a', 'b']), await submission(artifacts, ['c'])];
  const third = await submission(artifacts, ['d']);
  const of = (submitted: SluiceEvent) => ({ requestId: submitted.subject });
  const run = { purl: purlOf('c'), assessmentId: uuidV7() };
  const again = { purl: purlOf('a'), assessmentId: uuidV7(), attempt: 1 };
  const batches = [
    [first, ...lifeOf('a').slice(0, 3)],
    [second, ...lifeOf('b').slice(0, 2), exampleEvent('pkg.requested', run)],
    // Of an unknown run, and told twice.
    [...lifeOf('a').slice(5), first],
    [...lifeOf('b'), exampleEvent('pkg.failed', run), exampleEvent('request.completed', of(first))],
    [exampleEvent('request.completed', of(first)), exampleEvent('request.cancelled', of(second))],
    [exampleEvent('request.completed', of(second))],
    [third, exampleEvent('request.completed', { ...of(third), failure: { code: 'x', detail: 'y' } })],
    [exampleEvent('pkg.requested', again), exampleEvent('request.reopened', { ...of(first), round: 2 })],
    [exampleEvent('pkg.cancelled', again), exampleEvent('request.completed', { ...of(first), round: 2 })],
  ];
  const seen = new Set<string>();
  for (const batch of batches) {
    await apply(batch);
    const counts = sorted(await sql`select kind, key, count from counts`);
    expect(counts).toEqual(sorted(await sql.unsafe(counting)));
    for (const count of counts) seen.add(count.replace(/ \d+$/, ''));
  }
  expect([...seen].toSorted()).toEqual([
    'decisions approved',
    'decisions none',
    'outcomes review',
    'packages assessed',
    'packages cancelled',
    'packages failed',
    'packages running',
    'requests cancelled',
    'requests completed',
    'requests failed',
    'requests open',
  ]);
});
