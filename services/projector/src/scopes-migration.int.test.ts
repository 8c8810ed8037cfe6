import { migrate } from '@sluice/postgres';
import { createLogger } from '@sluice/runtime';
import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { lifeOf, logged, submission, testArtifacts } from '../test/projection-kit.ts';
import { applyBatch } from './apply.ts';
import { projectorMigrations, readSchema } from './schema.ts';
import { hashTables } from './table-contents.ts';

const postgres = await testPostgres([]);
const sql = postgres.connect(readSchema);
await migrate(sql, { ...projectorMigrations, upTo: '0013-registry-evidence.sql' });

it('rows of before there were scopes become what a rebuild makes of their events', async () => {
  const artifacts = await testArtifacts();
  const events = [await submission(artifacts, ['a', 'b']), ...lifeOf('a'), ...lifeOf('b').slice(0, 6)];
  await migrate(sql, { ...projectorMigrations, schema: 'rebuilt' });
  const rebuilt = postgres.connect('rebuilt');
  await rebuilt`update checkpoint set stream_identity = 'this', epoch = 1`;
  const deps = { sql: rebuilt, artifacts, log: createLogger('test', 'silent') };
  await applyBatch(deps, logged(events), { streamIdentity: 'this', epoch: 1, sequence: 0 });

  await sql`
    insert into requests (id, lane, requester, labels, format, filename, item_count, entry_count, submitted_at, trace_id, position)
    select id, lane, requester, labels, format, filename, item_count, entry_count, submitted_at, trace_id, position
    from rebuilt.requests`;
  await sql`
    insert into packages (purl, state, assessment_id, attempt, lane, requested_at, ended_at, verdict, outcome, decision,
      decision_state, trace_id, position)
    select purl, state, assessment_id, attempt, lane, requested_at, ended_at, verdict, outcome, decision, decision_state,
      trace_id, position
    from rebuilt.packages left join rebuilt.package_scopes using (purl)`;
  await sql`
    insert into counts (kind, key, count)
    select kind, key, count from rebuilt.counts where key <> 'none' union all select 'decisions', 'none', 1`;
  await migrate(sql, projectorMigrations);
  const [live, wanted] = [await hashTables(sql, readSchema), await hashTables(sql, 'rebuilt')];
  for (const table of ['requests', 'packages', 'package_scopes', 'counts'])
    expect([table, live[table]]).toEqual([table, wanted[table]]);
});
