import type { RefreshCause } from '@sluice/contracts';
import { addToOutbox, recordAudit } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { batchMessage, requestedMessage } from './facts.ts';
import type { ProjectRow } from './rows.ts';

export interface RefreshWish {
  id: string;
  cause: RefreshCause;
  by: string;
  reason: string;
}

/** The source of a refresh: of two with the same source and commit the second finds nothing new. */
export const sourceOf = ({ git, paths, plan }: Pick<ProjectRow, 'git' | 'paths' | 'plan'>) => ({
  git,
  paths,
  plan,
});

/** Begins a refresh of a project that is locked and has none in flight. Those of the schedule cost no quota. */
export async function startRefresh(
  tx: Tx,
  project: ProjectRow,
  { id, cause, by, reason }: RefreshWish,
  now: Date,
): Promise<void> {
  await tx`
    insert into refreshes (id, project_id, cause, requested_by, reason, is_counted, requested_at, source, previous_id, from_commit,
      counts_before)
    select ${id}, ${project.id}, ${cause}, ${by}, ${reason}, ${cause !== 'schedule'}, ${now},
      ${JSON.stringify(sourceOf(project))}::text::jsonb, l.id, l.to_commit, l.counts
    from (select 1) as one left join lateral (
      select id, to_commit, counts from refreshes where project_id = ${project.id} and state = 'completed'
      order by requested_at desc, id desc limit 1) as l on true`;
  const { id: projectId, name, lane, scope, labels } = project;
  const refresh = { id, projectId, name, lane, scope, labels, cause, by, requestedAt: now };
  const act = {
    actor: by,
    action: 'refresh-project',
    subject: projectId,
    detail: { reason, cause, refreshId: id },
  };
  await recordAudit(tx, 'importer', act, now);
  await addToOutbox(tx, [batchMessage(refresh), requestedMessage(refresh)]);
}
