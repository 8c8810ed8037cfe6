import { useState } from 'preact/hooks';
import type { ShownDelivery, ShownWebhook } from '@sluice/api';
import { ask } from '../api/client.ts';
import { useList } from '../api/use-list.ts';
import { Badge, number } from '../parts/badge.tsx';
import { ReasonDialog } from '../parts/dialog.tsx';
import { Head } from '../parts/head.tsx';
import { Empty } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { useQuery } from '../parts/use-query.ts';

type Verb = 'test' | 'enable' | 'disable';

export function Webhooks() {
  const [{ open = '' }, change] = useQuery();
  const handle = useList<ShownWebhook>('/v1/webhooks?limit=100');
  const [act, setAct] = useState<{ verb: Verb; webhook: ShownWebhook } | null>(null);
  const columns: readonly Column<ShownWebhook>[] = [
    {
      title: 'Webhook',
      isName: true,
      width: 'w-name',
      cell: ({ id, name }) => (
        <button type="button" onClick={() => change({ open: id })}>
          <Hostile text={name} />
        </button>
      ),
    },
    {
      title: 'State',
      width: 'w-small',
      cell: ({ state }) => <Badge word={state} tone={state === 'enabled' ? 'good' : 'bad'} />,
    },
    { title: 'Receiver', cell: ({ url, disabled }) => <Hostile text={disabled?.detail ?? url} /> },
    { title: 'Waiting', width: 'w-small', isNumber: true, cell: ({ waiting }) => number(waiting) },
    { title: 'Delivered', width: 'w-small', cell: ({ lastDeliveredAt }) => <Time at={lastDeliveredAt} /> },
    {
      title: 'Act',
      width: 'w-wide',
      cell: (webhook) => {
        const verb = webhook.state === 'enabled' ? 'disable' : 'enable';
        return (
          <div class="actions">
            <button type="button" onClick={() => setAct({ verb: 'test', webhook })}>
              Test
            </button>
            <button type="button" onClick={() => setAct({ verb, webhook })}>
              {verb === 'enable' ? 'Enable' : 'Disable'}
            </button>
          </div>
        );
      },
    },
  ];
  return (
    <>
      <Head title="Webhooks" lead="Who is told what happens, and whether it arrives." />
      <ListTable
        label="Webhooks"
        handle={handle}
        columns={columns}
        keyOf={({ id }) => id}
        empty={
          <Empty title="Nobody is told yet.">
            Add one with <code>npm run sluice -- webhooks --help</code>: its secret is shown there once.
          </Empty>
        }
      />
      {open !== '' && <Deliveries id={open} onClose={() => change({ open: '' })} />}
      {act && (
        <ReasonDialog
          title={`${act.verb} ${act.webhook.name}`}
          verb={act.verb}
          onClose={() => setAct(null)}
          onSend={async (reason) => {
            await ask(`/v1/webhooks/${act.webhook.id}/${act.verb}`, { method: 'POST', body: { reason } });
            handle.reload();
          }}
        />
      )}
    </>
  );
}

const deliveryColumns: readonly Column<ShownDelivery>[] = [
  { title: 'Message', isName: true, width: 'w-name', cell: ({ type }) => type },
  { title: 'About', cell: ({ subject }) => <Hostile text={subject} /> },
  { title: 'State', width: 'w-small', cell: ({ state }) => <Badge word={state} /> },
  { title: 'Tries', width: 'w-small', isNumber: true, cell: ({ tries }) => number(tries) },
  {
    title: 'Last answer',
    cell: ({ lastStatus, lastError }) => <Hostile text={lastError ?? String(lastStatus ?? '')} />,
  },
  { title: 'When', width: 'w-small', cell: ({ occurredAt }) => <Time at={occurredAt} /> },
];

function Deliveries({ id, onClose }: { id: string; onClose: () => void }) {
  const handle = useList<ShownDelivery>(`/v1/webhooks/${encodeURIComponent(id)}/deliveries?limit=100`);
  return (
    <section aria-label="Messages">
      <div class="head">
        <h2>Its messages</h2>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      <ListTable
        label="Messages of the webhook"
        handle={handle}
        columns={deliveryColumns}
        keyOf={(delivery) => delivery.id}
        empty={<Empty title="Nothing was sent yet." />}
      />
    </section>
  );
}
