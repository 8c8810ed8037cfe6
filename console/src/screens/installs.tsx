import type { Install } from '@sluice/api';
import { query, segment } from '../api/client.ts';
import { useList } from '../api/use-list.ts';
import { Head } from '../parts/head.tsx';
import { Empty } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { useQuery } from '../parts/use-query.ts';
import { shortPurl } from './packages.tsx';

const columns: readonly Column<Install>[] = [
  {
    title: 'Package version',
    isName: true,
    width: 'w-name',
    cell: ({ purl }) => (
      <a href={`/packages/${segment(purl)}`}>
        <Hostile text={shortPurl(purl)} />
      </a>
    ),
  },
  { title: 'By', cell: ({ principal }) => <Hostile text={principal} /> },
  { title: 'Scope', width: 'w-small', cell: ({ scope }) => scope },
  { title: 'With', cell: ({ client }) => <Hostile text={client} /> },
  { title: 'First', width: 'w-small', cell: ({ firstAt }) => <Time at={firstAt} /> },
  { title: 'Last', width: 'w-small', cell: ({ lastAt }) => <Time at={lastAt} /> },
];

export function Installs() {
  const [{ purl = '', principal = '' }, change] = useQuery();
  const handle = useList<Install>(`/v1/installs${query({ limit: 200, purl, principal })}`);
  return (
    <>
      <Head title="Installs" lead="Who was sent what through the gate." />
      <div class="toolbar">
        <label>
          Package version
          <input
            type="search"
            size={36}
            placeholder="pkg:npm/lodash@4.17.21"
            value={purl}
            onChange={({ currentTarget }) => change({ purl: currentTarget.value.trim() })}
          />
        </label>
        <label>
          By
          <input
            type="search"
            value={principal}
            onChange={({ currentTarget }) => change({ principal: currentTarget.value.trim() })}
          />
        </label>
      </div>
      <ListTable
        label="Installs"
        handle={handle}
        columns={columns}
        keyOf={(install) => install.purl + install.scope + install.principalId}
        empty={
          <Empty
            title={
              purl + principal === '' ? 'Nothing was installed through the gate yet.' : 'No install fits.'
            }
          >
            <code>npm run sluice -- gate config</code> prints what package managers need.
          </Empty>
        }
      />
    </>
  );
}
