import type { Quota } from '@sluice/contracts';
import type { Sql, Tx } from '@sluice/postgres';

/** So many in so many seconds. */
export interface QuotaRule {
  limit: number;
  windowSeconds: number;
}

/**
 * Reckons the rest of a quota. Pure.
 * @param used moments that count, within the window.
 */
export function quotaOf({ limit, windowSeconds }: QuotaRule, used: readonly Date[]): Quota {
  const oldest = used.toSorted((a, b) => a.getTime() - b.getTime());
  // The one whose end makes room: with a limit that was lowered it is not the oldest.
  const next = oldest.at(Math.max(0, used.length - limit));
  return {
    limit,
    windowSeconds,
    remaining: Math.max(0, limit - used.length),
    resetAt: next ? new Date(next.getTime() + windowSeconds * 1_000).toISOString() : null,
  };
}

/** Refreshes of a project that count. Under a lock on the project, when it decides on one more. */
export async function refreshQuota(
  sql: Sql | Tx,
  projectId: string,
  rule: QuotaRule,
  now: Date,
): Promise<Quota> {
  const since = new Date(now.getTime() - rule.windowSeconds * 1_000);
  const rows = await sql<{ at: Date }[]>`
    select requested_at as at from refreshes
    where project_id = ${projectId} and is_counted and requested_at > ${since} limit 1000`;
  return quotaOf(
    rule,
    rows.map(({ at }) => at),
  );
}

/** Projects that one principal created; the transaction holds a lock on their name. */
export async function creationQuota(tx: Tx, by: string, rule: QuotaRule, now: Date): Promise<Quota> {
  await tx`select pg_advisory_xact_lock(hashtext(${`create project ${by}`}))`;
  const since = new Date(now.getTime() - rule.windowSeconds * 1_000);
  const rows = await tx<{ at: Date }[]>`
    select created_at as at from projects where created_by = ${by} and created_at > ${since} limit 1000`;
  return quotaOf(
    rule,
    rows.map(({ at }) => at),
  );
}
