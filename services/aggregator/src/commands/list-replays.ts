import type { ListReplaysInput, ReplayFilter, ReplaysOutput } from '@sluice/contracts';
import type { AggregatorDeps } from '../deps.ts';

type Counts = Omit<ReplaysOutput['replays'][number], 'state' | 'createdAt' | 'filter'>;

/** Replays with how far they are, newest first. */
export async function listReplays(
  { limit, after }: ListReplaysInput,
  { sql }: Pick<AggregatorDeps, 'sql'>,
): Promise<ReplaysOutput> {
  const rows = await sql<(Counts & { createdAt: Date; filter: ReplayFilter })[]>`
    select r.id, r.filter, r.by_name as by, r.reason, r.created_at as "createdAt", r.total as packages, r.joined,
      (select count(*)::int from replay_packages where replay_id = r.id) as waiting, a.*
    from replays r cross join lateral (
      select count(*) filter (where state = 'running')::int as running,
        count(*) filter (where state = 'assessed')::int as assessed,
        count(*) filter (where state in ('failed', 'cancelled'))::int as failed
      from assessments where replay_id = r.id
    ) as a
    ${after ? sql`where (date_trunc('milliseconds', r.created_at), r.id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)` : sql``}
    order by date_trunc('milliseconds', r.created_at) desc, r.id desc limit ${limit}`;
  return {
    replays: rows.map(({ createdAt, ...row }) => ({
      ...row,
      createdAt: createdAt.toISOString(),
      state: row.waiting > 0 ? 'starting' : row.running > 0 ? 'running' : 'ended',
    })),
  };
}
