import type { NotifierDeps } from '../deps.ts';

/** Rows that are removed at once: a statement stays short. */
const purgedMax = 5_000;

/** Removes events that are too old, with their deliveries; also with those that wait. @returns how many events. */
export async function purgeOld({
  sql,
  now,
  keepDays,
}: Pick<NotifierDeps, 'sql' | 'now' | 'keepDays'>): Promise<number> {
  const before = new Date(now().getTime() - keepDays * 86_400_000);
  let total = 0;
  for (;;) {
    const { count } = await sql`
      delete from notifications where id in (
        select id from notifications where occurred_at < ${before} order by occurred_at limit ${purgedMax})`;
    total += count;
    if (count < purgedMax) return total;
  }
}
