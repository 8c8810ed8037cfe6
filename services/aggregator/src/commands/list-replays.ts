import type { ReplayFilter, ReplaysOutput } from '@sluice/contracts';
import type { AggregatorDeps } from '../deps.ts';

type Counts = Omit<ReplaysOutput['replays'][number], 'state' | 'createdAt' | 'filter'>;

/** The newest replays with how far they are. */
export async function listReplays(
  { limit }: { limit: number },
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
    order by r.created_at desc, r.id limit ${limit}`;
  return {
    replays: rows.map(({ createdAt, ...row }) => ({
      ...row,
      createdAt: createdAt.toISOString(),
      state: row.waiting > 0 ? 'starting' : row.running > 0 ? 'running' : 'ended',
    })),
  };
}
