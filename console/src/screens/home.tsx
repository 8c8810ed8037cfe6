import type { QueuePage, RequestSummary, Stats } from '@sluice/api';
import { useList } from '../api/use-list.ts';
import { useResource } from '../api/use-resource.ts';
import { number } from '../parts/badge.tsx';
import { Head } from '../parts/head.tsx';
import { Empty, Shown } from '../parts/states.tsx';
import { ListTable } from '../parts/table.tsx';
import { requestColumns } from './requests.tsx';

/** Work that waits for a person, and requests in work. */
export function Home() {
  const [stats] = useResource<Stats>('/v1/stats');
  const [queues] = useResource<QueuePage>('/v1/queues?limit=500');
  const open = useList<RequestSummary>('/v1/requests?state=open&limit=20');
  const recent = useList<RequestSummary>('/v1/requests?limit=10');
  return (
    <>
      <Head title="Home" lead="What needs a person, and what goes on." />
      <Shown resource={stats.value}>
        {({ outcomes, requests, decisions }) => (
          <div class="cards">
            <Figure to="/approvals" value={decisions['none'] ?? 0} label="without a decision" />
            <Figure to="/approvals?recalled=yes" value={decisions['recalled'] ?? 0} label="recalled" />
            <Figure to="/requests?state=open" value={requests.open} label="requests in work" />
            <Figure
              to="/packages?outcome=reject"
              value={outcomes['reject'] ?? 0}
              label="rejected by policy"
            />
            <Figure to="/packages?decision=approved" value={decisions['approved'] ?? 0} label="approved" />
            <Figure
              to="/dead-letters"
              value={queues.value.data?.deadLetters.dlq ?? null}
              label="dead letters"
            />
          </div>
        )}
      </Shown>
      {open.list.value.items.length > 0 && (
        <section>
          <h2>In work</h2>
          <ListTable
            label="Requests in work"
            handle={open}
            columns={requestColumns}
            keyOf={({ id }) => id}
            empty={null}
          />
        </section>
      )}
      <section>
        <h2>Newest requests</h2>
        <ListTable
          label="Newest requests"
          handle={recent}
          columns={requestColumns}
          keyOf={({ id }) => id}
          empty={
            <Empty title="This is a new installation.">
              <p>
                1. See that advisories are loaded, on the page <a href="/operations">Operations</a>.
              </p>
              <p>
                2. <a href="/submit">Submit a lockfile</a>.
              </p>
              <p>
                3. Give others a key: <code>npm run sluice -- keys create --help</code>.
              </p>
            </Empty>
          }
        />
      </section>
    </>
  );
}

function Figure({ to, value, label }: { to: string; value: number | null; label: string }) {
  return (
    <a class="card" href={to}>
      <span class="figure">{value === null ? '–' : number(value)}</span>
      <span class="soft">{label}</span>
    </a>
  );
}
