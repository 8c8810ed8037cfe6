import { PermanentError } from '@sluice/contracts';
import type { Sql, Tx } from '@sluice/postgres';

/**
 * Compares the number of rows, and of those that ended, with the live ones, which stand at the same event.
 * @throws PermanentError `projection.incomplete` that names the tables that would say less.
 */
export async function checkNotFewer(
  tx: Tx,
  schemas: { next: string; live: string },
  missingLists: Set<string>,
): Promise<void> {
  const fewer: string[] = [];
  for (const table of tables) {
    const [row] = await tx.unsafe<{ next: number; live: number }[]>(
      `select (select count(*) from ${schemas.next}.${table})::int as next, (select count(*) from ${schemas.live}.${table})::int as live`,
    );
    if (row!.next < row!.live) fewer.push(`${table} ${row!.next} instead of ${row!.live}`);
  }
  for (const [table, key, ends] of ended) {
    const [row] = await tx.unsafe<{ count: number }[]>(
      `select count(*)::int as count from ${schemas.live}.${table} l join ${schemas.next}.${table} n using (${key})
      where l.${ends} is not null and n.${ends} is null`,
    );
    if (row!.count > 0) fewer.push(`${row!.count} ${table} that ended would be open again`);
  }
  if (fewer.length === 0) return;
  const lists = [...missingLists];
  const why =
    lists.length === 0
      ? ''
      : ` Lists of requests that cannot be read: ${lists.slice(0, listedMax).join(', ')}${lists.length > listedMax ? ` and ${lists.length - listedMax} more` : ''}.`;
  throw new PermanentError(
    'projection.incomplete',
    `The new read models would say less than the live ones: ${fewer.join(', ')}.${why}`,
  );
}

/** Tables whose rows end, with their key and the column that says when. */
const ended = [
  ['requests', 'id', 'completed_at'],
  ['packages', 'purl', 'ended_at'],
  ['batches', 'id', 'completed_at'],
] as const;

/** As many as a message can hold. */
const listedMax = 5;

/** All that read models say. */
export const tables = [
  'requests',
  'request_items',
  'early_events',
  'batches',
  'batch_files',
  'packages',
  'package_scopes',
  'package_evidence',
  'timeline',
  'advisory_sets',
  'audit',
  'counts',
];

/**
 * A hash of everything that a schema's read models say; equal hashes mean equal content. Rows are hashed by Postgres, as
 * text since JSON has no hash of its own, and their hashes added up, which needs no order.
 */
export async function hashTables(sql: Sql, schema: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const table of tables) {
    const [row] = await sql.unsafe<{ hash: string }[]>(
      `select count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0) as hash from ${schema}.${table} t`,
    );
    hashes[table] = row!.hash;
  }
  return hashes;
}
