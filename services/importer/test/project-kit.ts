import {
  uuidV7,
  type CreateProjectInput,
  type EventData,
  type Project,
  type RefreshCause,
  type RefreshDetail,
  type projectRefreshed,
} from '@sluice/contracts';
import { exampleEvent } from '@sluice/testkit';
import { createProject } from '../src/commands/create-project.ts';
import { findRefresh } from '../src/commands/questions.ts';
import { refreshProject } from '../src/commands/refresh-project.ts';
import type { ImporterDeps } from '../src/deps.ts';
import { onBatchCancelled, onBatchCompleted } from '../src/projects/on-batch-ended.ts';
import { onRefreshRequested } from '../src/projects/on-refresh-requested.ts';
import { testGitServer } from './git-server.ts';
import { testImporter } from './importer-kit.ts';

export const mira = { by: 'mira', reason: 'needed' };
const received = <Event>(event: Event) => ({ event, traceparent: undefined, sequence: 1 });

/** The importer with a git server that it may read from, and a clock that the test moves. Call it at the top level of a test file. */
export async function testProjects(token: string | null = null, changed: Partial<ImporterDeps> = {}) {
  const server = await testGitServer({ token });
  const clock = { now: new Date('2026-03-02T09:30:00.000Z') };
  const importer = await testImporter({ now: () => new Date(clock.now), ...changed });
  const deps: ImporterDeps = {
    ...importer.deps,
    git: { ...importer.deps.git, ...changed.git, rules: { hosts: [server.origin] } },
  };
  let made = 0;

  async function create(git: string, changes: Partial<CreateProjectInput> = {}): Promise<Project> {
    made += 1;
    const input: CreateProjectInput = {
      ...mira,
      by: `person ${made}`,
      id: uuidV7(),
      name: `project ${made}`,
      scope: 'default',
      source: { git: `${server.origin}/${git}`, ref: 'main', paths: [] },
      credential: null,
      lane: 'interactive',
      labels: {},
      schedule: null,
      plan: [],
      ...changes,
    };
    return (await createProject(input, deps)).project!;
  }
  const ask = (projectId: string, cause: RefreshCause = 'manual', refreshId = uuidV7()) =>
    refreshProject({ ...mira, projectId, refreshId, cause }, deps);
  const handle = (refreshId: string, more: Partial<ImporterDeps> = {}) =>
    onRefreshRequested({ ...deps, ...more })([
      received(exampleEvent('project.refresh-requested', { refreshId })),
    ]);
  const complete = (batchId: string, counts: Record<string, number> = { approve: 1 }, round = 1) =>
    onBatchCompleted(deps)([
      received(
        exampleEvent('batch.completed', {
          batchId,
          counts,
          round,
          completedAt: clock.now.toISOString(),
          failure: undefined,
        }),
      ),
    ]);
  const cancel = (batchId: string) =>
    onBatchCancelled(deps)([
      received(exampleEvent('batch.cancelled', { batchId, at: clock.now.toISOString() })),
    ]);
  const refreshOf = async (refreshId: string): Promise<RefreshDetail> =>
    (await findRefresh({ refreshId }, deps)).refresh!;

  /** Refreshes a project to the end of its requests. */
  async function refresh(projectId: string, counts?: Record<string, number>): Promise<RefreshDetail> {
    const { refreshId } = await ask(projectId);
    await handle(refreshId!);
    if ((await refreshOf(refreshId!)).state === 'open') await complete(refreshId!, counts);
    return refreshOf(refreshId!);
  }
  /** The events that told of the end of a refresh. */
  async function endsOf(refreshId: string): Promise<EventData<typeof projectRefreshed>[]> {
    const rows = await deps.sql<{ payload: string }[]>`select payload from outbox order by position`;
    return rows
      .map(({ payload }) => JSON.parse(payload) as { type: string; data: EventData<typeof projectRefreshed> })
      .filter(({ type, data }) => type === 'project.refreshed' && data.refreshId === refreshId)
      .map(({ data }) => data);
  }
  return {
    ...importer,
    deps,
    server,
    clock,
    create,
    ask,
    handle,
    complete,
    cancel,
    refreshOf,
    refresh,
    endsOf,
  };
}
