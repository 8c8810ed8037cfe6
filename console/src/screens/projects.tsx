import type { ShownProject } from '@sluice/api';
import { useList } from '../api/use-list.ts';
import { Badge, Counts } from '../parts/badge.tsx';
import { Head } from '../parts/head.tsx';
import { Empty } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';

const columns: readonly Column<ShownProject>[] = [
  {
    title: 'Project',
    isName: true,
    width: 'w-name',
    cell: ({ id, name }) => (
      <a href={`/projects/${id}`}>
        <Hostile text={name} />
      </a>
    ),
  },
  { title: 'Repository', cell: ({ source }) => <Hostile text={source.git} /> },
  {
    title: 'Last refresh',
    width: 'w-small',
    cell: ({ lastRefresh }) =>
      lastRefresh ? <Badge word={lastRefresh.state} /> : <span class="soft">never</span>,
  },
  { title: 'Outcomes', cell: ({ lastRefresh }) => <Counts counts={lastRefresh?.counts ?? null} /> },
  { title: 'When', width: 'w-small', cell: ({ lastRefresh }) => <Time at={lastRefresh?.requestedAt} /> },
];

export function Projects() {
  const handle = useList<ShownProject>('/v1/projects?limit=100');
  return (
    <>
      <Head title="Projects" lead="Git repositories whose lockfiles are followed." />
      <ListTable
        label="Projects"
        handle={handle}
        columns={columns}
        keyOf={({ id }) => id}
        empty={
          <Empty title="There are none yet.">
            Add one with <code>npm run sluice -- project add --help</code>.
          </Empty>
        }
      />
    </>
  );
}
