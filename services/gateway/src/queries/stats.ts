import type { Stats, Status } from '@sluice/api';
import type { Sql } from '@sluice/postgres';

/** @param scope whose requests, verdicts and decisions are counted. */
export async function readStats(read: Sql, scope: string): Promise<Stats> {
  const rows = await read<
    { kind: string; key: string; count: number }[]
  >`select kind, key, count from counts where scope = any(${[scope, '']}::text[])`;
  const of = (wanted: string) =>
    Object.fromEntries(rows.filter(({ kind }) => kind === wanted).map(({ key, count }) => [key, count]));
  return {
    scope,
    requests: { open: 0, completed: 0, cancelled: 0, failed: 0, ...of('requests') },
    packages: of('packages'),
    outcomes: of('outcomes'),
    decisions: of('decisions'),
  };
}

/** How much is open now, in all scopes. */
export async function readRunning(read: Sql): Promise<Status['running']> {
  const [row] = await read<Status['running'][]>`
    select coalesce(sum(count) filter (where kind = 'requests'), 0)::int as requests,
      coalesce(sum(count) filter (where kind = 'packages'), 0)::int as packages,
      (select count(*)::int from batches where completed_at is null and cancelled_at is null) as batches
    from counts where (kind, key) in (('requests', 'open'), ('packages', 'running'))`;
  return row!;
}
