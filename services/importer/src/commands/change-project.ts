import {
  PermanentError,
  type AboutProjectInput,
  type ChangeProjectInput,
  type EventData,
  type Project,
  type RenewHookOutput,
  type projectChanged,
} from '@sluice/contracts';
import { addToOutbox, recordAudit } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import type { ImporterDeps } from '../deps.ts';
import { checkWish } from '../projects/check-wish.ts';
import { changedMessage } from '../projects/facts.ts';
import { lockProject } from '../projects/lock-project.ts';
import { projectColumns, shownProject, type ProjectRow } from '../projects/rows.ts';
import { nextTime, parseSchedule } from '../projects/schedule.ts';
import { transact } from '../transact.ts';
import { nameTaken } from './create-project.ts';

interface Act extends AboutProjectInput {
  action: string;
  change: EventData<typeof projectChanged>['change'];
  detail: Record<string, unknown>;
}

/**
 * Changes a project, for the refreshes to come.
 * @throws PermanentError `project.not-found`, `project.archived`, `project.name-taken`, `git.*`, `input.invalid`.
 */
export async function changeProject(input: ChangeProjectInput, deps: ImporterDeps): Promise<Project> {
  const { changes } = input;
  const act = { ...input, action: 'change-project', change: 'changed' as const, detail: { changes } };
  return withProject(deps, act, async (tx, before) => {
    const { git, ref, paths } = before;
    const wished = { ...before, source: { git, ref, paths }, ...changes };
    const { source, plan } = await checkWish(wished, deps);
    const { name, lane, labels, credential, schedule, scope } = wished;
    // An unchanged schedule keeps its time.
    const isSame = schedule === before.schedule;
    const next = isSame ? before.nextRefreshAt : schedule && nextTime(parseSchedule(schedule), deps.now());
    const [after] = await tx<ProjectRow[]>`
      update projects set name = ${name}, lane = ${lane}, labels = ${JSON.stringify(labels)}::text::jsonb, git = ${source.git},
        ref = ${source.ref}, paths = ${JSON.stringify(source.paths)}::text::jsonb, plan = ${JSON.stringify(plan)}::text::jsonb,
        credential = ${credential}, schedule = ${schedule}, scheduled_at = ${next || null}, changed_at = ${deps.now()}
      where id = ${before.id} returning ${tx.unsafe(projectColumns)}`.catch((error: unknown) => {
      // Unique violation: the name is another project's.
      throw (error as { code?: unknown }).code === '23505' ? nameTaken(name, scope) : error;
    });
    return after!;
  });
}

/**
 * Archives a project: it is neither refreshed nor changed any more. A refresh in flight goes on to its end. Again, it stays as it is.
 * @throws PermanentError `project.not-found`.
 */
export async function archiveProject(input: AboutProjectInput, deps: ImporterDeps): Promise<Project> {
  const act = { ...input, action: 'archive-project', change: 'archived' as const, detail: {} };
  return withProject(deps, act, async (tx, before) => {
    if (before.archivedAt !== null) return null;
    const [after] = await tx<ProjectRow[]>`
      update projects set archived_at = ${deps.now()}, scheduled_at = null, again_at = null where id = ${before.id}
      returning ${tx.unsafe(projectColumns)}`;
    return after!;
  });
}

/**
 * Gives the webhook of a project another secret; the one before no longer counts.
 * @throws PermanentError `project.not-found`, `project.archived`.
 */
export async function renewHook(input: AboutProjectInput, deps: ImporterDeps): Promise<RenewHookOutput> {
  let round = 0;
  const act = { ...input, action: 'renew-hook', change: 'changed' as const, detail: {} };
  const project = await withProject(deps, act, async (tx, before) => {
    const [after] = await tx<ProjectRow[]>`
      update projects set hook_round = hook_round + 1, changed_at = ${deps.now()} where id = ${before.id}
      returning ${tx.unsafe(projectColumns)}`;
    round = after!.hookRound;
    return after!;
  });
  return { project, round };
}

/** Changes a locked project, with its audit and its event. @param change gives null for nothing to do. */
async function withProject(
  deps: ImporterDeps,
  { projectId, action, change, by, reason, detail }: Act,
  work: (tx: Tx, before: ProjectRow) => Promise<ProjectRow | null>,
): Promise<Project> {
  return transact(deps, async (tx) => {
    const before = await lockProject(tx, projectId);
    if (before.archivedAt !== null && change !== 'archived')
      throw new PermanentError('project.archived', `Project ${projectId} is archived.`);
    const after = await work(tx, before);
    if (after === null) return shownProject(tx, before);
    const now = deps.now();
    await recordAudit(
      tx,
      'importer',
      { actor: by, action, subject: projectId, detail: { reason, ...detail } },
      now,
    );
    await addToOutbox(tx, [changedMessage(after, change, by, now)]);
    return shownProject(tx, after);
  });
}
