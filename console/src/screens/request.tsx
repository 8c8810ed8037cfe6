import { useState } from 'preact/hooks';
import type { Item, RequestDetail } from '@sluice/api';
import { ask, query, segment } from '../api/client.ts';
import { may } from '../api/principal.ts';
import { useList } from '../api/use-list.ts';
import { useResource } from '../api/use-resource.ts';
import { Badge, Counts, number } from '../parts/badge.tsx';
import { Choice } from '../parts/choice.tsx';
import { ReasonDialog } from '../parts/dialog.tsx';
import { Download } from '../parts/download.tsx';
import { Head } from '../parts/head.tsx';
import { Empty, Shown } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { duration, Time } from '../parts/time.tsx';
import { useQuery } from '../parts/use-query.ts';

const isOver = ({ state }: RequestDetail) =>
  state === 'completed' || state === 'cancelled' || state === 'failed';

export function Request({ id }: { id: string }) {
  const path = `/v1/requests/${segment(id)}`;
  const [resource, reload] = useResource<RequestDetail>(path);
  return (
    <Shown resource={resource.value}>
      {(request) => (
        <>
          <Head
            title={request.filename ?? request.format}
            lead={
              <>
                {request.format} · asked by <Hostile text={request.requester} />{' '}
                <Time at={request.submittedAt} /> · scope {request.scope} · lane {request.lane}
              </>
            }
          >
            <Badge word={request.state} />
            <RequestActs request={request} onDone={reload} />
          </Head>
          <Progress request={request} />
          <Items id={id} request={request} />
        </>
      )}
    </Shown>
  );
}

function RequestActs({ request, onDone }: { request: RequestDetail; onDone: () => void }) {
  const [isCancelling, setCancelling] = useState(false);
  const address = `/v1/requests/${request.id}`;
  return (
    <>
      <Download
        path={`${address}/report`}
        formats={['html', 'csv', 'sarif', 'cyclonedx', 'spdx', 'vex', 'json']}
      />
      {!isOver(request) && may('requests.cancel') && (
        <button type="button" class="danger" onClick={() => setCancelling(true)}>
          Cancel
        </button>
      )}
      {isCancelling && (
        <ReasonDialog
          title="Cancel this request"
          verb="Cancel the request"
          isDanger
          onClose={() => setCancelling(false)}
          onSend={async (reason) => {
            await ask(`${address}/cancel`, { method: 'POST', body: { reason } });
            onDone();
          }}
        >
          <p>What no other request waits for is stopped. What ended keeps its outcome.</p>
        </ReasonDialog>
      )}
    </>
  );
}

function Progress({ request }: { request: RequestDetail }) {
  const { failure, waitsFor, endedItems, itemCount, etaSeconds, ratePerSecond } = request;
  return (
    <section class="card" aria-label="Progress">
      {failure ? (
        <p>
          <strong>{failure.detail}</strong> {failure.remedy} <code>{failure.code}</code>
        </p>
      ) : (
        <>
          <p>
            {number(endedItems)} of {number(itemCount)} items ended
            {!isOver(request) && ratePerSecond !== null && `, ${ratePerSecond.toFixed(1)} a second`}
            {!isOver(request) && etaSeconds !== null && `, ${duration(etaSeconds)} left`}
            {request.completedAt && (
              <>
                , completed <Time at={request.completedAt} /> after{' '}
                {duration((Date.parse(request.completedAt) - Date.parse(request.submittedAt)) / 1_000)}
              </>
            )}
          </p>
          <progress class="progress" max={1} value={request.progress} aria-label="Items that ended" />
          <p class="soft" style={{ marginTop: '0.6rem' }}>
            <Counts counts={request.counts} />{' '}
            {Object.entries(request.open).map(([stage, count]) => (
              <span class="badge" key={stage}>
                {count} in {stage}
              </span>
            ))}
          </p>
        </>
      )}
      {waitsFor.map((wait) => (
        <p class="banner" key={wait.name}>
          {wait.items} items wait: <Hostile text={wait.text} />
        </p>
      ))}
      {request.reasons.length > 0 && (
        <details>
          <summary>Reasons, by number of items</summary>
          <ul class="reasons">
            {request.reasons.map(({ code, outcome, items }) => (
              <li key={code + outcome}>
                <Badge word={outcome} /> <code>{code}</code> on {number(items)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

const itemColumns: readonly Column<Item>[] = [
  {
    title: 'Package',
    isName: true,
    width: 'w-name',
    cell: ({ purl, name, version }) =>
      purl === null ? (
        <Hostile text={`${name} ${version ?? ''}`} />
      ) : (
        <a href={`/packages/${segment(purl)}`}>
          <Hostile text={`${name} ${version ?? ''}`} />
        </a>
      ),
  },
  {
    title: 'Outcome',
    width: 'w-small',
    cell: ({ outcome, state, decision }) => (
      <Badge
        word={decision?.state === 'approved' && outcome !== 'approve' ? 'approved' : (outcome ?? state)}
      />
    ),
  },
  {
    title: 'Why',
    cell: ({ reasons, unassessable, failure }) => (
      <Hostile
        text={
          reasons.map(({ message }) => message).join(' ') || unassessable?.message || failure?.detail || ''
        }
      />
    ),
  },
  {
    title: 'Kind',
    width: 'w-small',
    cell: ({ direct, dev, optional }) =>
      [direct ? 'direct' : 'indirect', dev ? 'dev' : '', optional ? 'optional' : '']
        .filter(Boolean)
        .join(', '),
  },
];

function Items({ id, request }: { id: string; request: RequestDetail }) {
  const [{ outcome = '' }, change] = useQuery();
  const handle = useList<Item>(`/v1/requests/${segment(id)}/items${query({ limit: 200, outcome })}`);
  const total = outcome === '' ? request.itemCount : request.counts[outcome];
  return (
    <section>
      <div class="toolbar">
        <Choice
          label="Outcome"
          value={outcome}
          options={['reject', 'review', 'failed', 'unassessable', 'cancelled', 'approve']}
          onChange={(chosen) => change({ outcome: chosen })}
        />
      </div>
      <ListTable
        label="Items"
        handle={handle}
        columns={itemColumns}
        keyOf={({ ordinal }) => String(ordinal)}
        total={total}
        empty={<Empty title={outcome === '' ? 'It has no items.' : `No item has the outcome ${outcome}.`} />}
      />
    </section>
  );
}
