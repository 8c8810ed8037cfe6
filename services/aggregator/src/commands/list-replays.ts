import type { ListReplaysInput, ReplayFilter, ReplaysOutput } from '@sluice/contracts';
import type { AggregatorDeps } from '../deps.ts';

type Counts = Omit<ReplaysOutput['replays'][number], 'state' | 'createdAt' | 'filter'>;

/** Replays with how far they are, newest first. */
export async function listReplays(
  { limit, after, id = null }: ListReplaysInput,
  { sql }: Pick<AggregatorDeps, 'sql'>,
): Promise<ReplaysOutput> {
  const rows = await sql<(Counts & { createdAt: Date; filter: ReplayFilter; isCancelled: boolean })[]>`
    select r.id, r.filter, r.by_name as by, r.reason, r.created_at as "createdAt", r.total as packages, r.joined,
      r.cancelled, r.state = 'cancelled' as "isCancelled",
      (select count(*)::int from replay_packages where replay_id = r.id) as waiting, a.*
    from replays r cross join lateral (
      select count(*) filter (where state = 'running')::int as running,
        count(*) filter (where state = 'assessed')::int as assessed,
        count(*) filter (where state in ('failed', 'cancelled'))::int as failed
      -- Of a package version that was tried again, the last try.
      from (
        select distinct on (purl) state from assessments where replay_id = r.id order by purl, requested_at desc, id desc
      ) as last
    ) as a
    where ${id === null ? sql`true` : sql`r.id = ${id}`}
    ${after ? sql`and (date_trunc('milliseconds', r.created_at), r.id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)` : sql``}
    order by date_trunc('milliseconds', r.created_at) desc, r.id desc limit ${limit}`;
  return {
    replays: rows.map(({ createdAt, isCancelled, ...row }) => ({
      ...row,
      createdAt: createdAt.toISOString(),
      state: row.waiting > 0 ? 'starting' : row.running > 0 ? 'running' : isCancelled ? 'cancelled' : 'ended',
    })),
  };
}
