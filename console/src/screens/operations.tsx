import { useState } from 'preact/hooks';
import type { QueuePage, Page, Readiness, Worker } from '@sluice/api';
import { ask, segment } from '../api/client.ts';
import { may } from '../api/principal.ts';
import { useResource } from '../api/use-resource.ts';
import { Badge, number } from '../parts/badge.tsx';
import { ReasonDialog } from '../parts/dialog.tsx';
import { Head } from '../parts/head.tsx';
import { Shown } from '../parts/states.tsx';
import { Hostile } from '../parts/text.tsx';
import { duration, Time } from '../parts/time.tsx';

/** An act on a stage, a host or an instance that waits for its reason. */
interface Act {
  path: string;
  title: string;
  verb: string;
}

export function Operations() {
  const [queues, reloadQueues] = useResource<QueuePage>('/v1/queues?limit=500');
  const [workers, reloadWorkers] = useResource<Page<Worker>>('/v1/workers?limit=500');
  const [readiness] = useResource<Readiness>('/readyz');
  const [act, setAct] = useState<Act | null>(null);
  const mayAct = may('operations.change');
  return (
    <>
      <Head
        title="Operations"
        lead="Queues, instances, hosts that are waited for, and what operators hold."
      />
      <Shown resource={queues.value}>{(page) => <Queues page={page} mayAct={mayAct} onAct={setAct} />}</Shown>
      <Shown resource={workers.value}>
        {({ items }) => <Workers workers={items} mayAct={mayAct} onAct={setAct} />}
      </Shown>
      <Shown resource={readiness.value}>{(found) => <Checks readiness={found} />}</Shown>
      {act && (
        <ReasonDialog
          title={act.title}
          verb={act.verb}
          onClose={() => setAct(null)}
          onSend={async (reason) => {
            await ask(act.path, { method: 'POST', body: { reason } });
            reloadQueues();
            reloadWorkers();
          }}
        />
      )}
    </>
  );
}

function Queues({ page, mayAct, onAct }: { page: QueuePage; mayAct: boolean; onAct: (act: Act) => void }) {
  const isPaused = (stage: string) =>
    page.controls.some(({ kind, name }) => kind === 'stage' && name === stage);
  const stages = [...new Set(page.items.map(({ stage }) => stage))];
  return (
    <section class="card">
      <h2>Queues</h2>
      <div class="scroll">
        <table>
          <caption class="hidden-text">Queues by stage and lane</caption>
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col" class="number">
                Waiting
              </th>
              <th scope="col" class="number">
                In work
              </th>
              <th scope="col" class="number">
                Given again
              </th>
              <th scope="col" class="number">
                Oldest
              </th>
              <th scope="col" class="number">
                A second
              </th>
              <th scope="col" class="number">
                Time left
              </th>
            </tr>
          </thead>
          <tbody>
            {page.items.map((queue) => (
              <tr key={queue.consumer}>
                <th scope="row">
                  {queue.stage}, {queue.lane} {!queue.exists && <Badge word="never started" tone="warn" />}
                </th>
                <td class="number">{number(queue.waiting)}</td>
                <td class="number">{number(queue.running)}</td>
                <td class="number">{number(queue.redelivered)}</td>
                <td class="number">{duration(queue.oldestAgeSeconds)}</td>
                <td class="number">{queue.ratePerSecond === null ? '–' : queue.ratePerSecond.toFixed(1)}</td>
                <td class="number">{duration(queue.etaSeconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        <a href="/dead-letters">
          {number(page.deadLetters.dlq)} dead letters, {number(page.deadLetters.parked)} parked
        </a>
        {page.bulk &&
          `. Bulk: ${number(page.bulk.running)} of ${number(page.bulk.runningMax)} in flight, ${number(page.bulk.waiting)} wait.`}
      </p>
      {mayAct && (
        <div class="actions">
          {stages.map((stage) => {
            const verb = isPaused(stage) ? 'Resume' : 'Pause';
            const path = `/v1/stages/${stage}/${verb.toLowerCase()}`;
            return (
              <button
                key={stage}
                type="button"
                onClick={() => onAct({ path, title: `${verb} ${stage}`, verb })}
              >
                {verb} {stage}
              </button>
            );
          })}
        </div>
      )}
      {page.controls.map((control) => (
        <p class="banner" key={control.kind + control.name}>
          {control.kind} {control.name} is held by <Hostile text={control.by} /> since{' '}
          <Time at={control.at} />: <Hostile text={control.reason} />
        </p>
      ))}
      {page.circuits.map((circuit) => (
        <p class="banner" key={circuit.service + circuit.host}>
          {circuit.service} waits for {circuit.host}, {circuit.state} since <Time at={circuit.since} />:{' '}
          <Hostile text={circuit.detail} />{' '}
          {circuit.probeAt && (
            <>
              It is tried again <Time at={circuit.probeAt} />.
            </>
          )}
        </p>
      ))}
    </section>
  );
}

function Workers({
  workers,
  mayAct,
  onAct,
}: {
  workers: readonly Worker[];
  mayAct: boolean;
  onAct: (act: Act) => void;
}) {
  return (
    <section class="card">
      <h2>Instances</h2>
      <div class="scroll">
        <table>
          <caption class="hidden-text">Instances of services</caption>
          <thead>
            <tr>
              <th scope="col">Instance</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                In work
              </th>
              <th scope="col">Version</th>
              <th scope="col">Started</th>
              <th scope="col">Seen</th>
              {mayAct && <th scope="col">Act</th>}
            </tr>
          </thead>
          <tbody>
            {workers.map((worker) => {
              const isHeld = worker.state === 'draining' || worker.state === 'drained';
              const verb = isHeld ? 'Undrain' : 'Drain';
              const path = `/v1/workers/${segment(worker.service)}/${segment(worker.instance)}/${verb.toLowerCase()}`;
              return (
                <tr key={worker.service + worker.instance}>
                  <th scope="row">
                    {worker.service} <span class="soft">{worker.instance}</span>
                  </th>
                  <td>
                    <Badge word={worker.state} />
                  </td>
                  <td class="number">
                    {worker.inWork.interactive + worker.inWork.bulk}
                    {worker.concurrency === null ? '' : ` of ${worker.concurrency}`}
                  </td>
                  <td>{worker.version}</td>
                  <td>
                    <Time at={worker.startedAt} />
                  </td>
                  <td>
                    <Time at={worker.lastSeenAt} />
                  </td>
                  {mayAct && (
                    <td>
                      {worker.stage !== null && (
                        <button
                          type="button"
                          onClick={() =>
                            onAct({ path, title: `${verb} ${worker.service} ${worker.instance}`, verb })
                          }
                        >
                          {verb}
                        </button>
                      )}
                    </td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Checks({ readiness }: { readiness: Readiness }) {
  return (
    <section class="card">
      <h2>Health of the gateway</h2>
      <ul class="reasons">
        {Object.entries(readiness.checks).map(([name, { ok, detail }]) => (
          <li key={name}>
            <Badge word={ok ? 'fine' : 'not fine'} tone={ok ? 'good' : 'bad'} /> <strong>{name}</strong>{' '}
            <span class="soft">{detail && <Hostile text={detail} />}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
