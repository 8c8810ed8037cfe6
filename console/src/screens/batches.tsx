import type { BatchSummary } from '@sluice/api';
import { query } from '../api/client.ts';
import { useList } from '../api/use-list.ts';
import { Badge, number } from '../parts/badge.tsx';
import { Choice } from '../parts/choice.tsx';
import { Head } from '../parts/head.tsx';
import { Empty } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { useQuery } from '../parts/use-query.ts';

const count = (value: number | null) => (value === null ? '–' : number(value));
const columns: readonly Column<BatchSummary>[] = [
  {
    title: 'Batch',
    isName: true,
    width: 'w-name',
    cell: ({ id, filename, projectId }) => (
      <a href={`/batches/${id}`}>
        <Hostile text={filename ?? (projectId === null ? id : 'refresh of a project')} />
      </a>
    ),
  },
  { title: 'State', width: 'w-small', cell: ({ state }) => <Badge word={state} /> },
  { title: 'Lockfiles', width: 'w-small', isNumber: true, cell: ({ requestCount }) => count(requestCount) },
  { title: 'Refused', width: 'w-small', isNumber: true, cell: ({ refusedCount }) => count(refusedCount) },
  { title: 'Asked by', cell: ({ requester }) => <Hostile text={requester} /> },
  { title: 'Submitted', width: 'w-small', cell: ({ submittedAt }) => <Time at={submittedAt} /> },
];

export function Batches() {
  const [{ state = '' }, change] = useQuery();
  const handle = useList<BatchSummary>(`/v1/batches${query({ limit: 100, state })}`);
  return (
    <>
      <Head title="Batches" lead="Several files that were submitted at once, and refreshes of projects." />
      <div class="toolbar">
        <Choice
          label="State"
          value={state}
          options={['queued', 'open', 'completed', 'cancelled', 'failed']}
          onChange={(chosen) => change({ state: chosen })}
        />
      </div>
      <ListTable
        label="Batches"
        handle={handle}
        columns={columns}
        keyOf={({ id }) => id}
        empty={
          <Empty title="No batch fits.">
            <a href="/submit">Submit a ZIP</a> of lockfiles to begin one.
          </Empty>
        }
      />
    </>
  );
}
