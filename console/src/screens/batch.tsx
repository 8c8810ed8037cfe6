import { useState } from 'preact/hooks';
import type { BatchDetail, ShownBatchFile } from '@sluice/api';
import { ask, segment } from '../api/client.ts';
import { may } from '../api/principal.ts';
import { useList } from '../api/use-list.ts';
import { useResource } from '../api/use-resource.ts';
import { Badge, Counts, number } from '../parts/badge.tsx';
import { ReasonDialog } from '../parts/dialog.tsx';
import { Download } from '../parts/download.tsx';
import { Head } from '../parts/head.tsx';
import { Empty, Shown } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { duration, Time } from '../parts/time.tsx';

const columns: readonly Column<ShownBatchFile>[] = [
  {
    title: 'File',
    isName: true,
    width: 'w-name',
    cell: ({ path, requestId }) =>
      requestId === null ? (
        <Hostile text={path} />
      ) : (
        <a href={`/requests/${requestId}`}>
          <Hostile text={path} />
        </a>
      ),
  },
  { title: 'Result', width: 'w-small', cell: ({ result, state }) => <Badge word={state ?? result} /> },
  {
    title: 'Outcomes',
    cell: ({ counts, reason }) => (reason ? <Hostile text={reason.message} /> : <Counts counts={counts} />),
  },
  { title: 'Format', width: 'w-small', cell: ({ format }) => format ?? '–' },
];

export function Batch({ id }: { id: string }) {
  const [resource, reload] = useResource<BatchDetail>(`/v1/batches/${segment(id)}`);
  const handle = useList<ShownBatchFile>(`/v1/batches/${segment(id)}/files?limit=200`);
  const [isCancelling, setCancelling] = useState(false);
  return (
    <Shown resource={resource.value}>
      {(batch) => {
        const isOpen = batch.state === 'queued' || batch.state === 'open';
        return (
          <>
            <Head
              title={batch.filename ?? 'Batch'}
              lead={
                <>
                  asked by <Hostile text={batch.requester} /> <Time at={batch.submittedAt} /> · scope{' '}
                  {batch.scope}
                  {batch.projectId !== null && (
                    <>
                      {' '}
                      · <a href={`/projects/${batch.projectId}`}>its project</a>
                    </>
                  )}
                </>
              }
            >
              <Badge word={batch.state} />
              <Download
                path={`/v1/batches/${batch.id}/report`}
                formats={['html', 'csv', 'sarif', 'cyclonedx', 'json']}
              />
              {isOpen && may('requests.cancel') && (
                <button type="button" class="danger" onClick={() => setCancelling(true)}>
                  Cancel
                </button>
              )}
            </Head>
            <section class="card" aria-label="Progress">
              {batch.failure ? (
                <p>
                  <strong>{batch.failure.detail}</strong> {batch.failure.remedy}
                </p>
              ) : (
                <>
                  <p>
                    {number(batch.endedItems)} of {number(batch.itemCount)} items ended
                    {isOpen && batch.etaSeconds !== null && `, ${duration(batch.etaSeconds)} left`}
                  </p>
                  <progress class="progress" max={1} value={batch.progress} aria-label="Items that ended" />
                  <p style={{ marginTop: '0.6rem' }}>
                    <Counts counts={batch.counts} />
                  </p>
                </>
              )}
            </section>
            <ListTable
              label="Files"
              handle={handle}
              columns={columns}
              keyOf={({ ordinal }) => String(ordinal)}
              empty={<Empty title="Its files are not read yet." />}
            />
            {isCancelling && (
              <ReasonDialog
                title="Cancel this batch"
                verb="Cancel the batch"
                isDanger
                onClose={() => setCancelling(false)}
                onSend={async (reason) => {
                  await ask(`/v1/batches/${batch.id}/cancel`, { method: 'POST', body: { reason } });
                  reload();
                }}
              />
            )}
          </>
        );
      }}
    </Shown>
  );
}
