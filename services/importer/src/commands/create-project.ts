import { PermanentError, type CreateProjectInput, type CreateProjectOutput } from '@sluice/contracts';
import { addToOutbox, recordAudit } from '@sluice/delivery';
import type { ImporterDeps } from '../deps.ts';
import { checkWish } from '../projects/check-wish.ts';
import { changedMessage } from '../projects/facts.ts';
import { creationQuota } from '../projects/quota.ts';
import { projectColumns, shownProject, type ProjectRow } from '../projects/rows.ts';
import { nextTime, parseSchedule } from '../projects/schedule.ts';
import { transact } from '../transact.ts';

/**
 * Adds a project. Nothing is read of it yet. Sent again with the same id, it is the same project.
 * @throws PermanentError `project.name-taken`, `git.*`, `input.invalid`.
 */
export async function createProject(
  input: CreateProjectInput,
  deps: ImporterDeps,
): Promise<CreateProjectOutput> {
  const { source, plan } = await checkWish(input, deps);
  const { id, name, scope, lane, labels, credential, schedule, by, reason } = input;
  return transact(deps, async (tx) => {
    const now = deps.now();
    const quota = () => creationQuota(tx, by, deps.quotas.creation, now);
    const left = await quota();
    const [known] = await tx<
      ProjectRow[]
    >`select ${tx.unsafe(projectColumns)} from projects where id = ${id}`;
    if (known) return { project: await shownProject(tx, known), quota: left };
    if (left.remaining === 0) return { project: null, quota: left };
    const next = schedule === null ? null : nextTime(parseSchedule(schedule), now);
    const [made] = await tx<ProjectRow[]>`
      insert into projects (id, name, scope, lane, labels, git, ref, paths, plan, credential, schedule, created_at, created_by,
        changed_at, scheduled_at)
      values (${id}, ${name}, ${scope}, ${lane}, ${JSON.stringify(labels)}::text::jsonb, ${source.git}, ${source.ref},
        ${JSON.stringify(source.paths)}::text::jsonb, ${JSON.stringify(plan)}::text::jsonb, ${credential}, ${schedule}, ${now},
        ${by}, ${now}, ${next})
      on conflict (scope, name) where archived_at is null do nothing returning ${tx.unsafe(projectColumns)}`;
    if (!made) throw nameTaken(name, scope);
    const detail = { reason, name, scope, source, credential, schedule, plan };
    await recordAudit(tx, 'importer', { actor: by, action: 'create-project', subject: id, detail }, now);
    await addToOutbox(tx, [changedMessage(made, 'created', by, now)]);
    return { project: await shownProject(tx, made), quota: await quota() };
  });
}

export function nameTaken(name: string, scope: string): PermanentError {
  return new PermanentError(
    'project.name-taken',
    `The scope ${scope} has a project ${JSON.stringify(name)}.`,
  );
}
