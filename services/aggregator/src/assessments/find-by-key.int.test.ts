import { uuidV7 } from '@sluice/contracts';
import { byKeySettings } from '@sluice/postgres';
import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { assessAll } from './assess-packages.ts';
import { aggregatorMigrations } from '../service.ts';
import { bringEvidence, testDeps, wantedBy } from '../../test/aggregator-kit.ts';

const postgres = await testPostgres(aggregatorMigrations);
// One connection: its plans are those that are kept.
const sql = postgres.connect('aggregator', { pool: 1, settings: byKeySettings });
const traceparent = `00-${'4'.repeat(32)}-${'1'.repeat(16)}-01`;

/** Rows and entries of indexes that were read so far. */
async function rowsRead(): Promise<number> {
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql<{ count: number }[]>`
    select (tables.rows + indexes.rows)::bigint as count
    from (select sum(seq_tup_read) as rows from pg_stat_user_tables) as tables,
      (select sum(idx_tup_read) as rows from pg_stat_user_indexes) as indexes`;
  return row!.count;
}

/** Begins assessments of package versions, each wanted by an item of one new request. */
async function begin(count: number): Promise<{ id: string; purl: string }[]> {
  const requestId = uuidV7();
  const begun = Array.from({ length: count }, () => {
    const id = uuidV7();
    return { id, purl: `pkg:npm/example@1.0.0-${id}` };
  });
  const ids = begun.map(({ id }) => id);
  const purls = begun.map(({ purl }) => purl);
  await sql`
    insert into requests (id, lane, requester, item_count, open_items, traceparent, submitted_at)
    values (${requestId}, 'bulk', 'somebody', ${count}, ${count}, ${traceparent}, now())`;
  await sql`
    insert into items (request_id, ordinal, purl)
    select ${requestId}, n - 1, purl from unnest(${purls}::text[]) with ordinality as e (purl, n)`;
  await sql`insert into packages (purl) select unnest(${purls}::text[])`;
  await sql`
    insert into assessments (id, purl, lane, traceparent, requested_at, deadline_at)
    select id, purl, 'bulk', ${traceparent}, now(), now() from unnest(${ids}::uuid[], ${purls}::text[]) as e (id, purl)`;
  return begun;
}

const assess = ({ id, purl }: { id: string; purl: string }) => bringEvidence(testDeps(sql), purl, id);

/** Somebody else wants a package version that is in flight. */
async function join({ purl }: { purl: string }): Promise<void> {
  await sql.begin((tx) => assessAll(tx, wantedBy(purl), testDeps(sql)));
}

it('reads as few rows behind thousands of package versions as it did when its plans were made', async () => {
  await sql`analyze`;
  for (const first of await begin(8)) {
    await join(first);
    await assess(first);
  }
  const [one] = await begin(3_000);
  const before = await rowsRead();
  await join(one!);
  await assess(one!);
  expect((await rowsRead()) - before).toBeLessThan(500);
});
