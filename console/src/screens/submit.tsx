import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Accepted, Problem } from '@sluice/api';
import { ApiError, ask, query } from '../api/client.ts';
import { Head } from '../parts/head.tsx';
import { ProblemNote } from '../parts/states.tsx';

/** Files that hold several are a batch. */
const isArchive = (file: File) => /\.zip$/i.test(file.name);

export function Submit() {
  const { route } = useLocation();
  const [isOver, setOver] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [purls, setPurls] = useState('');
  const [scope, setScope] = useState('');
  const [lane, setLane] = useState('interactive');

  const send = async (file: File) => {
    setBusy(true);
    try {
      const [kind, type] = isArchive(file)
        ? ['batches', 'application/zip']
        : ['requests', 'application/octet-stream'];
      const path = `/v1/${kind}${query({ filename: file.name, lane, scope })}`;
      const { id } = await ask<Accepted>(path, { method: 'POST', file: new Blob([file], { type }) });
      route(`/${kind}/${id}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
      setBusy(false);
    }
  };
  const sendList = () => {
    const lines = purls.split('\n').map((line) => line.trim());
    const list = JSON.stringify(lines.filter((line) => line !== ''));
    void send(new File([list], 'purls.json', { type: 'application/json' }));
  };
  return (
    <>
      <Head title="Submit" lead="A lockfile, an SBOM, a ZIP of such files, or a list of package versions." />
      {problem && <ProblemNote problem={problem} />}
      <div class="toolbar">
        <label>
          Scope
          <input
            type="text"
            placeholder="default"
            value={scope}
            onInput={({ currentTarget }) => setScope(currentTarget.value.trim())}
          />
        </label>
        <label>
          Lane
          <select value={lane} onChange={({ currentTarget }) => setLane(currentTarget.value)}>
            <option value="interactive">interactive: somebody waits</option>
            <option value="bulk">bulk: it can wait</option>
          </select>
        </label>
      </div>
      <div class="columns">
        <section class="card">
          <h2>A file</h2>
          <div
            class={`drop ${isOver ? 'over' : ''}`}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={(event) => {
              event.preventDefault();
              setOver(false);
              const file = event.dataTransfer?.files[0];
              if (file) void send(file);
            }}
          >
            <p>Drop it here, or choose it.</p>
            <label>
              <span class="hidden-text">File</span>
              <input
                type="file"
                disabled={isBusy}
                onChange={({ currentTarget }) => {
                  const file = currentTarget.files?.[0];
                  if (file) void send(file);
                }}
              />
            </label>
          </div>
        </section>
        <section class="card">
          <h2>Package versions</h2>
          <label class="field">
            One purl a line
            <textarea
              rows={8}
              class="mono"
              placeholder="pkg:npm/lodash@4.17.21"
              value={purls}
              onInput={({ currentTarget }) => setPurls(currentTarget.value)}
            />
          </label>
          <button type="button" class="primary" disabled={isBusy || purls.trim() === ''} onClick={sendList}>
            Submit the list
          </button>
        </section>
      </div>
    </>
  );
}
