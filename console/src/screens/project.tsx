import { useState } from 'preact/hooks';
import type { AskedRefresh, Problem, ProjectDetail, ShownRefresh } from '@sluice/api';
import { ApiError, ask, segment } from '../api/client.ts';
import { may } from '../api/principal.ts';
import { useList } from '../api/use-list.ts';
import { useResource } from '../api/use-resource.ts';
import { Badge, Counts } from '../parts/badge.tsx';
import { Head } from '../parts/head.tsx';
import { Empty, ProblemNote, Shown } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { duration, Time } from '../parts/time.tsx';

const columns: readonly Column<ShownRefresh>[] = [
  {
    title: 'Refresh',
    isName: true,
    width: 'w-small',
    cell: ({ id, requestedAt }) => (
      <a href={`/batches/${id}`}>
        <Time at={requestedAt} />
      </a>
    ),
  },
  { title: 'State', width: 'w-small', cell: ({ state }) => <Badge word={state} /> },
  { title: 'Cause', width: 'w-small', cell: ({ cause }) => cause },
  { title: 'By', width: 'w-small', cell: ({ by }) => <Hostile text={by} /> },
  { title: 'Commit', width: 'w-small', cell: ({ toCommit }) => <code>{toCommit?.slice(0, 10) ?? '–'}</code> },
  {
    title: 'Outcomes',
    cell: ({ counts, unchanged, failure }) =>
      failure ? <Hostile text={failure.detail} /> : unchanged ? 'unchanged' : <Counts counts={counts} />,
  },
  {
    title: 'Took',
    width: 'w-small',
    isNumber: true,
    cell: ({ durationMs }) => duration(durationMs === null ? null : durationMs / 1_000),
  },
];

export function Project({ id }: { id: string }) {
  const [resource, reload] = useResource<ProjectDetail>(`/v1/projects/${segment(id)}`);
  const handle = useList<ShownRefresh>(`/v1/projects/${segment(id)}/refreshes?limit=50`);
  return (
    <Shown resource={resource.value}>
      {(project) => (
        <>
          <Head
            title={project.name}
            lead={
              <>
                <Hostile text={project.source.git} /> at <Hostile text={project.source.ref} /> · scope{' '}
                {project.scope} ·{' '}
                {project.schedule === null ? 'no schedule' : `refreshed ${project.schedule}`}
              </>
            }
          >
            <Refresh
              project={project}
              onDone={() => {
                reload();
                handle.reload();
              }}
            />
          </Head>
          <ListTable
            label="Refreshes"
            handle={handle}
            columns={columns}
            keyOf={(refresh) => refresh.id}
            empty={<Empty title="It was never refreshed." />}
          />
        </>
      )}
    </Shown>
  );
}

/** The button says how many are left and when the next one is free, before a click is refused. */
function Refresh({ project, onDone }: { project: ProjectDetail; onDone: () => void }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [said, setSaid] = useState('');
  const { quota, lastRefresh } = project;
  const isRunning = lastRefresh?.state === 'queued' || lastRefresh?.state === 'open';
  const refresh = async () => {
    try {
      const path = `/v1/projects/${project.id}/refresh`;
      const { joined } = await ask<AskedRefresh>(path, {
        method: 'POST',
        body: { reason: 'Asked for in the console.' },
      });
      setProblem(null);
      setSaid(joined ? 'One is under way already.' : 'It was asked for.');
      onDone();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
    }
  };
  if (!may('requests.submit')) return null;
  return (
    <>
      <span class="soft" role="status">
        {said} {quota.remaining} of {quota.limit} left
        {quota.remaining === 0 && quota.resetAt !== null && (
          <>
            , one more <Time at={quota.resetAt} />
          </>
        )}
      </span>
      <button
        type="button"
        class="primary"
        disabled={quota.remaining === 0 || isRunning}
        onClick={() => void refresh()}
      >
        {isRunning ? 'Refreshing …' : 'Refresh'}
      </button>
      {problem && <ProblemNote problem={problem} />}
    </>
  );
}
