import { readFile } from 'node:fs/promises';
import { readSubmission, type SubmissionItem } from '@sluice/contracts';
import { migrate } from '@sluice/postgres';
import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { aggregatorMigrations } from '../service.ts';

const postgres = await testPostgres();
const sql = postgres.connect('aggregator');
const list = JSON.parse(
  await readFile(
    new URL('../../../../libs/contracts/fixtures/lists/submission.v1.json', import.meta.url),
    'utf8',
  ),
) as { items: { purl: string; integrity: string | null; notes: object[] }[] };

it('the migration makes of stored pins what their lists are read as', async () => {
  const [delivery, tables] = aggregatorMigrations as [
    (typeof aggregatorMigrations)[0],
    (typeof aggregatorMigrations)[0],
  ];
  await migrate(sql, delivery);
  await migrate(sql, { ...tables, upTo: '0022' });
  const [request] = await sql<{ id: string }[]>`
    insert into requests (id, lane, requester, item_count, open_items, submitted_at)
    values (gen_random_uuid(), 'bulk', 'test', 7, 7, now()) returning id`;
  for (const [ordinal, { purl, integrity, notes }] of list.items.entries()) {
    await sql`
      insert into items (request_id, ordinal, purl, integrity, notes)
      values (${request!.id}, ${ordinal}, ${purl}, ${integrity}, ${notes.length > 0 ? JSON.stringify(notes) : null}::text::json)`;
  }
  await migrate(sql, tables);
  const rows = await sql<Pick<SubmissionItem, 'pins' | 'notes'>[]>`
    select coalesce(pins, '[]') as pins, coalesce(notes, '[]') as notes from items order by ordinal`;
  expect([...rows]).toEqual(readSubmission(list).items.map(({ pins, notes }) => ({ pins, notes })));
});
