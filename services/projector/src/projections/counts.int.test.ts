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
/** Counts everything: the same must come of counting along. */
const counting = `
  select 'packages' as kind, '' as scope, state as key, count(*) from packages group by state
  union all select 'outcomes', scope, outcome, count(*) from package_scopes where outcome is not null group by 2, 3
  union all select 'decisions', scope, coalesce(decision_state, 'none'), count(*) from package_scopes group by 2, 3
  union all select 'requests', scope, state, count(*) from (
    select scope, case when cancelled_at is not null then 'cancelled' when failure is not null then 'failed'
      when completed_at is not null then 'completed' else 'open' end as state from requests) as requests group by 2, 3`;

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
  const b = lifeOf('b');
  const { assessmentId } = b[0]!.data as { assessmentId: string };
  const inTeam = { purl: purlOf('b'), assessmentId, scope: 'team-a' };
  const elsewhere = [
    exampleEvent('pkg.assessed', { ...inTeam, attempt: 1 }),
    exampleEvent('pkg.rejected', inTeam),
  ];
  const batches = [
    [first, ...lifeOf('a').slice(0, 3)],
    [second, ...lifeOf('b').slice(0, 2), exampleEvent('pkg.requested', run)],
    // Of an unknown run, and told twice.
    [...lifeOf('a').slice(5), first],
    [...b, ...elsewhere, exampleEvent('pkg.failed', run), exampleEvent('request.completed', of(first))],
    [exampleEvent('request.completed', of(first)), exampleEvent('request.cancelled', of(second))],
    [exampleEvent('request.completed', of(second))],
    [third, exampleEvent('request.completed', { ...of(third), failure: { code: 'x', detail: 'y' } })],
    [exampleEvent('pkg.requested', again), exampleEvent('request.reopened', { ...of(first), round: 2 })],
    [exampleEvent('pkg.cancelled', again), exampleEvent('request.completed', { ...of(first), round: 2 })],
  ];
  const seen = new Set<string>();
  for (const batch of batches) {
    await apply(batch);
    const counts = sorted(await sql`select kind, scope, key, count from counts`);
    expect(counts).toEqual(sorted(await sql.unsafe(counting)));
    for (const count of counts) seen.add(count.replace(/ \d+$/, ''));
  }
  expect([...seen].toSorted()).toEqual([
    'decisions default approved',
    'decisions team-a rejected',
    'outcomes default review',
    'outcomes team-a review',
    'packages  assessed',
    'packages  cancelled',
    'packages  failed',
    'packages  running',
    'requests default cancelled',
    'requests default completed',
    'requests default failed',
    'requests default open',
  ]);
});
