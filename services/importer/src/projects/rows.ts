import type { Project, Refresh, RefreshDetail } from '@sluice/contracts';
import type { Sql, Tx } from '@sluice/postgres';

/** A row with moments as Postgres gives them. */
export type Dated<Row> = {
  [Field in keyof Row]: Field extends `${string}At`
    ? null extends Row[Field]
      ? Date | null
      : Date
    : Row[Field];
};

export type RefreshRow = Dated<Omit<Refresh, 'durationMs'>>;
export type ProjectRow = Dated<Omit<Project, 'lastRefresh' | 'source' | 'hasHook'>> & {
  git: string;
  ref: string;
  paths: string[];
  hookRound: number;
};

/** SQL: columns of a refresh `r` of a project `p`. */
export const refreshColumns = `r.id, r.project_id as "projectId", p.scope, r.cause, r.requested_by as by, r.reason, r.state,
  r.is_unchanged as unchanged, r.stands_on as "standsOn", r.previous_id as "previousId", r.from_commit as "fromCommit",
  r.to_commit as "toCommit", r.request_count as "requestCount", r.counts_before as "countsBefore", r.counts, r.failure,
  r.requested_at as "requestedAt", r.opened_at as "openedAt", r.ended_at as "endedAt"`;

/** SQL: columns of a project. */
export const projectColumns = `id, name, scope, git, ref, paths, credential, lane, labels, schedule, plan,
  hook_round as "hookRound", created_at as "createdAt", created_by as "createdBy", changed_at as "changedAt",
  archived_at as "archivedAt", scheduled_at as "nextRefreshAt"`;

/** Pure. */
export function toRefresh({ requestedAt, openedAt, endedAt, ...row }: RefreshRow): Refresh {
  return {
    ...row,
    requestedAt: requestedAt.toISOString(),
    openedAt: openedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
    durationMs: endedAt === null ? null : endedAt.getTime() - requestedAt.getTime(),
  };
}

/** Pure. */
export function toProject(row: ProjectRow, lastRefresh: Refresh | null): Project {
  const { git, ref, paths, hookRound, createdAt, changedAt, archivedAt, nextRefreshAt, ...rest } = row;
  return {
    ...rest,
    source: { git, ref, paths },
    hasHook: hookRound > 0,
    createdAt: createdAt.toISOString(),
    changedAt: changedAt.toISOString(),
    archivedAt: archivedAt?.toISOString() ?? null,
    nextRefreshAt: archivedAt === null ? (nextRefreshAt?.toISOString() ?? null) : null,
    lastRefresh,
  };
}

/** The newest refresh of each of some projects. */
export async function lastRefreshes(
  sql: Sql | Tx,
  projectIds: readonly string[],
): Promise<Map<string, Refresh>> {
  const rows = await sql<RefreshRow[]>`
    select ${sql.unsafe(refreshColumns)} from projects p cross join lateral (
      select * from refreshes where project_id = p.id order by requested_at desc, id desc limit 1) as r
    where p.id = any(${[...projectIds]}::uuid[])`;
  return new Map(rows.map((row) => [row.projectId, toRefresh(row)]));
}

/** A project as it is shown. */
export async function shownProject(sql: Sql | Tx, row: ProjectRow): Promise<Project> {
  return toProject(row, (await lastRefreshes(sql, [row.id])).get(row.id) ?? null);
}

export type DetailRow = RefreshRow & Pick<RefreshDetail, 'inventory' | 'plan'>;
