import type {
  FindProjectOutput,
  FindRefreshOutput,
  ListProjectsInput,
  ListProjectsOutput,
  ListRefreshesInput,
  ListRefreshesOutput,
} from '@sluice/contracts';
import { asTransient } from '@sluice/postgres';
import type { ImporterDeps } from '../deps.ts';
import { projectNotFound } from '../projects/lock-project.ts';
import { refreshQuota } from '../projects/quota.ts';
import {
  lastRefreshes,
  projectColumns,
  refreshColumns,
  shownProject,
  toProject,
  toRefresh,
  type DetailRow,
  type ProjectRow,
  type RefreshRow,
} from '../projects/rows.ts';

type Deps = Pick<ImporterDeps, 'sql' | 'quotas' | 'now'>;

/** @throws PermanentError `project.not-found`. */
export async function findProject(
  { projectId }: { projectId: string },
  deps: Deps,
): Promise<FindProjectOutput> {
  return asked(async () => {
    const { sql } = deps;
    const [row] = await sql<
      ProjectRow[]
    >`select ${sql.unsafe(projectColumns)} from projects where id = ${projectId}`;
    if (!row) throw projectNotFound(projectId);
    const quota = await refreshQuota(sql, projectId, deps.quotas.refresh, deps.now());
    return { project: await shownProject(sql, row), quota, hookRound: row.hookRound };
  });
}

/** Projects by name and id, from behind one of them on. */
export async function listProjects(
  { scopes, scope, archived, after, limit }: ListProjectsInput,
  { sql }: Deps,
): Promise<ListProjectsOutput> {
  return asked(async () => {
    const rows = await sql<ProjectRow[]>`
      select ${sql.unsafe(projectColumns)} from projects
      where archived_at is ${archived ? sql`not null` : sql`null`}
        ${scope === null ? sql`` : sql`and scope = ${scope}`}
        ${scopes === null ? sql`` : sql`and scope = any(${scopes}::text[])`}
        ${after === null ? sql`` : sql`and (name, id) > (${after.name}, ${after.id}::uuid)`}
      order by name, id limit ${limit}`;
    const last = await lastRefreshes(
      sql,
      rows.map(({ id }) => id),
    );
    return { projects: rows.map((row) => toProject(row, last.get(row.id) ?? null)) };
  });
}

/** Refreshes of a project, newest first. */
export async function listRefreshes(
  { projectId, after, limit }: ListRefreshesInput,
  { sql }: Deps,
): Promise<ListRefreshesOutput> {
  return asked(async () => {
    const rows = await sql<RefreshRow[]>`
      select ${sql.unsafe(refreshColumns)} from refreshes r join projects p on p.id = r.project_id
      where r.project_id = ${projectId}
        ${after === null ? sql`` : sql`and (date_trunc('milliseconds', r.requested_at), r.id) < (${after.requestedAt}::timestamptz, ${after.id}::uuid)`}
      order by date_trunc('milliseconds', r.requested_at) desc, r.id desc limit ${limit}`;
    return { refreshes: rows.map(toRefresh) };
  });
}

export async function findRefresh(
  { refreshId }: { refreshId: string },
  { sql }: Deps,
): Promise<FindRefreshOutput> {
  return asked(async () => {
    const [row] = await sql<DetailRow[]>`
      select ${sql.unsafe(refreshColumns)}, r.inventory, r.plan from refreshes r join projects p on p.id = r.project_id
      where r.id = ${refreshId}`;
    if (!row) return { refresh: null };
    const { inventory, plan, ...rest } = row;
    return { refresh: { ...toRefresh(rest), inventory, plan } };
  });
}

async function asked<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  return work().catch((error: unknown) => {
    throw asTransient(error);
  });
}
