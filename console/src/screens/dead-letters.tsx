import { useState } from 'preact/hooks';
import type { DeadLetterSummary } from '@sluice/api';
import { ask, query } from '../api/client.ts';
import { may } from '../api/principal.ts';
import { useList } from '../api/use-list.ts';
import { useResource } from '../api/use-resource.ts';
import { number } from '../parts/badge.tsx';
import { ReasonDialog } from '../parts/dialog.tsx';
import { Head } from '../parts/head.tsx';
import { Empty, Shown } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { useQuery } from '../parts/use-query.ts';
import { useSelection } from '../parts/use-selection.tsx';

interface DeadLetterWhole extends DeadLetterSummary {
  stack: string;
  headers: Record<string, string>;
  payload: string;
}

type Verb = 'redrive' | 'discard';

const sequenceOf = ({ sequence }: DeadLetterSummary) => sequence;

export function DeadLetters() {
  const [{ service = '', code = '', open = '' }, change] = useQuery();
  const handle = useList<DeadLetterSummary>(`/v1/dead-letters${query({ limit: 100, service, code })}`);
  const { items } = handle.list.value;
  const selection = useSelection(sequenceOf, ({ sequence }: DeadLetterSummary) => `dead letter ${sequence}`);
  const [verb, setVerb] = useState<Verb | null>(null);
  const [said, setSaid] = useState('');
  const columns: readonly Column<DeadLetterSummary>[] = [
    selection.column,
    {
      title: 'Error',
      isName: true,
      width: 'w-name',
      cell: ({ sequence, error }) => (
        <button type="button" onClick={() => change({ open: String(sequence) })}>
          <Hostile text={error} />
        </button>
      ),
    },
    { title: 'Code', cell: (letter) => <code>{letter.code}</code> },
    { title: 'Service', width: 'w-small', cell: (letter) => letter.service },
    { title: 'Tries', width: 'w-small', isNumber: true, cell: ({ attempts }) => number(attempts) },
    { title: 'Failed', width: 'w-small', cell: ({ failedAt }) => <Time at={failedAt} /> },
  ];
  return (
    <>
      <Head title="Dead letters" lead="Messages that could not be processed. Nothing of them is lost.">
        {may('operations.change') && (
          <>
            <button
              type="button"
              class="primary"
              disabled={selection.keys.size === 0}
              onClick={() => setVerb('redrive')}
            >
              Redrive {selection.keys.size > 0 ? selection.keys.size : ''}
            </button>
            <button
              type="button"
              class="danger"
              disabled={selection.keys.size === 0}
              onClick={() => setVerb('discard')}
            >
              Discard {selection.keys.size > 0 ? selection.keys.size : ''}
            </button>
          </>
        )}
      </Head>
      <div class="toolbar">
        <label>
          Service
          <input
            type="search"
            value={service}
            onChange={({ currentTarget }) => change({ service: currentTarget.value.trim() })}
          />
        </label>
        <label>
          Code
          <input
            type="search"
            value={code}
            onChange={({ currentTarget }) => change({ code: currentTarget.value.trim() })}
          />
        </label>
        <button type="button" onClick={() => selection.select(items)}>
          Select all that are read
        </button>
      </div>
      <p role="status">{said}</p>
      <ListTable
        label="Dead letters"
        handle={handle}
        columns={columns}
        keyOf={({ sequence }) => String(sequence)}
        isSelected={({ sequence }) => selection.keys.has(sequence)}
        empty={<Empty title={service + code === '' ? 'There are none.' : 'None fits these filters.'} />}
      />
      {open !== '' && <Letter sequence={open} onClose={() => change({ open: '' })} />}
      {verb && (
        <ReasonDialog
          title={`${verb === 'redrive' ? 'Redrive' : 'Discard'} ${number(selection.keys.size)} dead letters`}
          verb={verb === 'redrive' ? 'Redrive' : 'Discard'}
          isDanger={verb === 'discard'}
          onClose={() => setVerb(null)}
          onSend={async (reason) => {
            await ask(`/v1/dead-letters/${verb}`, {
              method: 'POST',
              body: { reason, sequences: [...selection.keys] },
            });
            setSaid(
              `${number(selection.keys.size)} ${verb === 'redrive' ? 'were sent again' : 'were discarded'}.`,
            );
            selection.clear();
            handle.reload();
          }}
        >
          <p>
            {verb === 'redrive'
              ? 'They go back to where they came from, and are processed again.'
              : 'What they stood for ends as failed. The audit keeps who did it.'}
          </p>
        </ReasonDialog>
      )}
    </>
  );
}

function Letter({ sequence, onClose }: { sequence: string; onClose: () => void }) {
  const [resource] = useResource<DeadLetterWhole>(`/v1/dead-letters/${encodeURIComponent(sequence)}`);
  return (
    <section class="card" aria-label={`Dead letter ${sequence}`}>
      <div class="head">
        <h2>Dead letter {sequence}</h2>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      <Shown resource={resource.value}>
        {(letter) => (
          <>
            <dl class="facts">
              <dt>Consumer</dt>
              <dd>{letter.consumer}</dd>
              <dt>Subject</dt>
              <dd>
                <code>{letter.subject}</code>
              </dd>
              <dt>Instance</dt>
              <dd>{letter.worker}</dd>
            </dl>
            <h3>Stack</h3>
            <pre>
              <Hostile text={letter.stack} />
            </pre>
            <h3>Message</h3>
            <pre>
              <Hostile text={letter.payload} />
            </pre>
          </>
        )}
      </Shown>
    </section>
  );
}
