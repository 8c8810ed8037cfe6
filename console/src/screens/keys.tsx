import { useState } from 'preact/hooks';
import type { ApiKey } from '@sluice/api';
import { ask } from '../api/client.ts';
import { useList } from '../api/use-list.ts';
import { Badge } from '../parts/badge.tsx';
import { ReasonDialog } from '../parts/dialog.tsx';
import { Head } from '../parts/head.tsx';
import { Empty } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';

const isOver = ({ revokedAt, expiresAt }: ApiKey) => revokedAt !== null || Date.parse(expiresAt) < Date.now();

export function KeysScreen() {
  const handle = useList<ApiKey>('/v1/keys?limit=100');
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const columns: readonly Column<ApiKey>[] = [
    { title: 'Holder', isName: true, width: 'w-name', cell: ({ name }) => <Hostile text={name} /> },
    { title: 'Kind', width: 'w-small', cell: ({ kind }) => kind },
    { title: 'Roles', cell: ({ roles }) => roles.join(', ') },
    { title: 'Scopes', cell: ({ scopes }) => scopes?.join(', ') ?? 'all' },
    {
      title: 'Holds',
      width: 'w-small',
      cell: (key) => (isOver(key) ? <Badge word="ended" /> : <Time at={key.expiresAt} />),
    },
    { title: 'Used', width: 'w-small', cell: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
    {
      title: 'Act',
      width: 'w-small',
      cell: (key) =>
        !isOver(key) && (
          <button type="button" class="danger" onClick={() => setRevoking(key)}>
            Revoke
          </button>
        ),
    },
  ];
  return (
    <>
      <Head
        title="Keys"
        lead="Keys of programs and people. A key is shown once, when it is made, by the command line."
      />
      <ListTable
        label="Keys"
        handle={handle}
        columns={columns}
        keyOf={({ id }) => id}
        empty={
          <Empty title="There are none.">
            Make one with <code>npm run sluice -- keys create --help</code>.
          </Empty>
        }
      />
      {revoking && (
        <ReasonDialog
          title={`Revoke the key of ${revoking.name}`}
          verb="Revoke"
          isDanger
          onClose={() => setRevoking(null)}
          onSend={async (reason) => {
            await ask(`/v1/keys/${revoking.id}/revoke`, { method: 'POST', body: { reason } });
            handle.reload();
          }}
        >
          <p>It counts no longer from that moment on. This cannot be undone.</p>
        </ReasonDialog>
      )}
    </>
  );
}
