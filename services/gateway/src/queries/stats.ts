import type { Sql } from '@sluice/postgres';

/** How much there is of everything. */
export interface Stats {
  requests: { open: number; completed: number; cancelled: number };
  packages: Record<string, number>;
  outcomes: Record<string, number>;
  decisions: Record<string, number>;
}

export async function readStats(read: Sql): Promise<Stats> {
  const [[requests], packages, outcomes, decisions] = await Promise.all([
    read<Stats['requests'][]>`
      select count(*) filter (where completed_at is null)::int as open,
        count(*) filter (where completed_at is not null and cancelled_at is null)::int as completed,
        count(*) filter (where cancelled_at is not null)::int as cancelled
      from requests`,
    read<Count[]>`select state as key, count(*)::int as count from packages group by 1`,
    read<
      Count[]
    >`select outcome as key, count(*)::int as count from packages where outcome is not null group by 1`,
    read<
      Count[]
    >`select coalesce(decision_state, 'none') as key, count(*)::int as count from packages group by 1`,
  ]);
  return {
    requests: requests!,
    packages: toRecord(packages),
    outcomes: toRecord(outcomes),
    decisions: toRecord(decisions),
  };
}

interface Count {
  key: string;
  count: number;
}

function toRecord(rows: Count[]): Record<string, number> {
  return Object.fromEntries(rows.map(({ key, count }) => [key, count]));
}
