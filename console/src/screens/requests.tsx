import type { RequestSummary } from '@sluice/api';
import { query } from '../api/client.ts';
import { useList } from '../api/use-list.ts';
import { Badge, Counts } from '../parts/badge.tsx';
import { Choice } from '../parts/choice.tsx';
import { Head } from '../parts/head.tsx';
import { Empty } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { useQuery } from '../parts/use-query.ts';

export const requestColumns: readonly Column<RequestSummary>[] = [
  {
    title: 'File',
    isName: true,
    width: 'w-name',
    cell: ({ id, filename, format }) => (
      <a href={`/requests/${id}`}>
        <Hostile text={filename ?? format} />
      </a>
    ),
  },
  { title: 'State', width: 'w-small', cell: ({ state }) => <Badge word={state} /> },
  {
    title: 'Items',
    isNumber: true,
    width: 'w-small',
    cell: ({ endedItems, itemCount }) => `${endedItems} of ${itemCount}`,
  },
  { title: 'Outcomes', width: 'w-wide', cell: ({ counts }) => <Counts counts={counts} /> },
  { title: 'Asked by', width: 'w-small', cell: ({ requester }) => <Hostile text={requester} /> },
  { title: 'Submitted', width: 'w-small', cell: ({ submittedAt }) => <Time at={submittedAt} /> },
];

export function Requests() {
  const [{ state = '', requester = '' }, change] = useQuery();
  const handle = useList<RequestSummary>(`/v1/requests${query({ limit: 100, state, requester })}`);
  const isFiltered = state !== '' || requester !== '';
  return (
    <>
      <Head title="Requests" lead="Submitted lockfiles and lists, newest first.">
        <a class="button" href="/submit">
          Submit
        </a>
      </Head>
      <div class="toolbar">
        <Choice
          label="State"
          value={state}
          options={['queued', 'open', 'completed', 'cancelled', 'failed']}
          onChange={(chosen) => change({ state: chosen })}
        />
        <label>
          Asked by
          <input
            type="search"
            value={requester}
            onChange={({ currentTarget }) => change({ requester: currentTarget.value.trim() })}
          />
        </label>
      </div>
      <ListTable
        label="Requests"
        handle={handle}
        columns={requestColumns}
        keyOf={({ id }) => id}
        empty={
          isFiltered ? (
            <Empty title="No request fits these filters." />
          ) : (
            <Empty title="Nothing was submitted yet.">
              <a href="/submit">Submit a lockfile</a>, or run <code>npm run vet -- package-lock.json</code>.
            </Empty>
          )
        }
      />
    </>
  );
}
