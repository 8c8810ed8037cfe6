import {
  PermanentError,
  type RefreshProjectInput,
  type RefreshProjectOutput,
  type RefreshState,
} from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import type { ImporterDeps } from '../deps.ts';
import { refreshQuota } from '../projects/quota.ts';
import { startRefresh } from '../projects/start-refresh.ts';
import { lockProject } from '../projects/lock-project.ts';
import { transact } from '../transact.ts';

/**
 * Has a project refreshed. One that is in flight is joined, which costs no quota. A push that comes meanwhile, or beyond the quota, is
 * followed by another refresh later, since the one in flight may have read the commit before it.
 * @throws PermanentError `project.not-found`, `project.archived`.
 */
export async function refreshProject(
  input: RefreshProjectInput,
  deps: ImporterDeps,
): Promise<RefreshProjectOutput> {
  const { projectId, refreshId, cause, by } = input;
  return transact(deps, async (tx) => {
    const project = await lockProject(tx, projectId);
    if (project.archivedAt !== null)
      throw new PermanentError('project.archived', `Project ${projectId} is archived.`);
    const now = deps.now();
    const quota = () => refreshQuota(tx, projectId, deps.quotas.refresh, now);
    const [known] = await tx<{ id: string; state: RefreshState }[]>`
      select id, state from refreshes where project_id = ${projectId} and (ended_at is null or id = ${refreshId})
      order by id = ${refreshId} desc limit 1`;
    if (known) {
      const isRepeated = known.id === refreshId;
      if (!isRepeated && cause === 'webhook') await refreshAgain(tx, projectId, now, by);
      const result = isRepeated ? ('started' as const) : ('joined' as const);
      return { result, refreshId: known.id, state: known.state, quota: await quota() };
    }
    const left = await quota();
    if (left.remaining === 0) {
      const isPush = cause === 'webhook';
      if (isPush) await refreshAgain(tx, projectId, new Date(left.resetAt ?? now), by);
      return { result: isPush ? 'postponed' : 'exceeded', refreshId: null, state: null, quota: left };
    }
    await startRefresh(tx, project, { ...input, id: refreshId }, now);
    return { result: 'started', refreshId, state: 'queued', quota: await quota() };
  });
}

async function refreshAgain(tx: Tx, projectId: string, at: Date, by: string): Promise<void> {
  await tx`update projects set again_at = ${at}, again_by = ${by} where id = ${projectId}`;
}
