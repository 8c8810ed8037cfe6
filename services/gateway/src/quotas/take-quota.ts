import type { Sql } from '@sluice/postgres';

/** So many in each window, which begins with the first. */
export interface Quota {
  limit: number;
  windowSeconds: number;
}

export interface TakenQuota {
  isWithin: boolean;
  remaining: number;
  resetsInSeconds: number;
}

/**
 * Takes one from a quota. Replicas share it, and a restart does not fill it again: a row for each key, which one statement
 * counts up or begins anew.
 * @param key of what the quota is, and whose.
 */
export async function takeQuota(own: Sql, key: string, { limit, windowSeconds }: Quota): Promise<TakenQuota> {
  const [row] = await own<{ used: number; resetsInSeconds: number }[]>`
    insert into quotas as q (key, used, resets_at)
    values (${key}, 1, now() + make_interval(secs => ${windowSeconds}))
    on conflict (key) do update set
      used = case when q.resets_at <= now() then 1 else least(q.used + 1, ${limit + 1}) end,
      resets_at = case when q.resets_at <= now() then excluded.resets_at else q.resets_at end
    returning used, ceil(extract(epoch from resets_at - now()))::int as "resetsInSeconds"`;
  const { used, resetsInSeconds } = row!;
  return { isWithin: used <= limit, remaining: Math.max(0, limit - used), resetsInSeconds };
}
