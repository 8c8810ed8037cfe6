import type { AuditEntryView } from '@sluice/api';
import { query } from '../api/client.ts';
import { useList } from '../api/use-list.ts';
import { Badge } from '../parts/badge.tsx';
import { Download } from '../parts/download.tsx';
import { Head } from '../parts/head.tsx';
import { Empty } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { useQuery } from '../parts/use-query.ts';

const reasonIn = ({ reason }: Record<string, unknown>) => (typeof reason === 'string' ? reason : '');

const columns: readonly Column<AuditEntryView>[] = [
  { title: 'When', width: 'w-small', cell: ({ at }) => <Time at={at} /> },
  { title: 'Who', width: 'w-small', cell: ({ actor }) => <Hostile text={actor} /> },
  { title: 'Did', width: 'w-small', cell: ({ action }) => <Hostile text={action} /> },
  { title: 'To', isName: true, width: 'w-name', cell: ({ subject }) => <Hostile text={subject} /> },
  { title: 'Outcome', width: 'w-small', cell: ({ outcome }) => <Badge word={outcome} /> },
  { title: 'Why', cell: ({ detail }) => <Hostile text={reasonIn(detail)} /> },
];

export function Audit() {
  const [{ actor = '', action = '', subject = '', outcome = '' }, change] = useQuery();
  const filter = { actor, action, subject, outcome };
  const handle = useList<AuditEntryView>(`/v1/audit${query({ limit: 200, ...filter })}`);
  const fields = { Who: 'actor', Did: 'action', To: 'subject' } as const;
  return (
    <>
      <Head title="Audit" lead="Every act of a person or a program, and every one that was denied.">
        <Download path="/v1/audit/export" formats={['ndjson', 'csv']} />
      </Head>
      <div class="toolbar">
        {Object.entries(fields).map(([label, name]) => (
          <label key={name}>
            {label}
            <input
              type="search"
              value={filter[name]}
              onChange={({ currentTarget }) => change({ [name]: currentTarget.value.trim() })}
            />
          </label>
        ))}
        <label>
          Outcome
          <select value={outcome} onChange={({ currentTarget }) => change({ outcome: currentTarget.value })}>
            <option value="">all</option>
            <option>done</option>
            <option>denied</option>
          </select>
        </label>
      </div>
      <ListTable
        label="Audit"
        handle={handle}
        columns={columns}
        keyOf={({ id }) => id}
        empty={<Empty title="No entry fits." />}
      />
    </>
  );
}
