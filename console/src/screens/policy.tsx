import { useState } from 'preact/hooks';
import type { Problem, ShownPolicy, ShownWaiver, TriedPolicy } from '@sluice/api';
import { ApiError, ask, query, segment } from '../api/client.ts';
import { may } from '../api/principal.ts';
import { useList } from '../api/use-list.ts';
import { Badge, number } from '../parts/badge.tsx';
import { ReasonDialog } from '../parts/dialog.tsx';
import { Head } from '../parts/head.tsx';
import { Empty, ProblemNote } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { useQuery } from '../parts/use-query.ts';
import { shortPurl } from './packages.tsx';

export function Policy() {
  const [{ scope = '' }, change] = useQuery();
  const handle = useList<ShownPolicy>(`/v1/policies${query({ limit: 50, scope })}`);
  const newest = handle.list.value.items[0];
  return (
    <>
      <Head
        title="Policy"
        lead="What was and is in force, what is waived, and what another policy would do."
      />
      <div class="toolbar">
        <label>
          Scope
          <input
            type="search"
            placeholder="all"
            value={scope}
            onChange={({ currentTarget }) => change({ scope: currentTarget.value.trim() })}
          />
        </label>
      </div>
      <section>
        <h2>Waivers</h2>
        <Waivers scope={scope} />
      </section>
      <section>
        <h2>Policies</h2>
        <ListTable
          label="Policies"
          handle={handle}
          columns={policyColumns}
          keyOf={(policy) => policy.scope + policy.digest + policy.activatedAt}
          empty={<Empty title="None is known yet." />}
        />
      </section>
      {may('packages.decide') && newest && <Try before={newest} scope={scope} />}
    </>
  );
}

const policyColumns: readonly Column<ShownPolicy>[] = [
  { title: 'Policy', isName: true, width: 'w-name', cell: ({ digest }) => <code>{digest}</code> },
  { title: 'Scope', width: 'w-small', cell: (policy) => policy.scope },
  { title: 'In force since', cell: ({ activatedAt }) => <Time at={activatedAt} /> },
];

function Waivers({ scope }: { scope: string }) {
  const handle = useList<ShownWaiver>(`/v1/waivers${query({ limit: 100, scope, state: 'holding' })}`);
  const [ending, setEnding] = useState<ShownWaiver | null>(null);
  const columns: readonly Column<ShownWaiver>[] = [
    {
      title: 'Package',
      isName: true,
      width: 'w-name',
      cell: (waiver) => <Hostile text={`${shortPurl(waiver.package)} ${waiver.range ?? 'all versions'}`} />,
    },
    {
      title: 'Waives',
      cell: ({ codes, advisories }) => <Hostile text={[...codes, ...advisories].join(', ')} />,
    },
    { title: 'Scope', width: 'w-small', cell: (waiver) => waiver.scope },
    { title: 'Ends', width: 'w-small', cell: ({ until }) => <Time at={until} /> },
    {
      title: 'Act',
      width: 'w-small',
      cell: (waiver) =>
        may('packages.decide') && (
          <button type="button" class="danger" onClick={() => setEnding(waiver)}>
            End
          </button>
        ),
    },
  ];
  return (
    <>
      <ListTable
        label="Waivers"
        handle={handle}
        columns={columns}
        keyOf={({ id }) => id}
        empty={
          <Empty title="No waiver holds.">
            <code>npm run sluice -- waive --help</code> makes one.
          </Empty>
        }
      />
      {ending && (
        <ReasonDialog
          title={`End the waiver of ${shortPurl(ending.package)}`}
          verb="End the waiver"
          isDanger
          onClose={() => setEnding(null)}
          onSend={async (reason) => {
            await ask(`/v1/waivers/${segment(ending.id)}/end`, { method: 'POST', body: { reason } });
            handle.reload();
          }}
        >
          <p>What is in use is judged anew at once, without it.</p>
        </ReasonDialog>
      )}
    </>
  );
}

/** The package versions in use that another policy would hold or free. Asking changes nothing. */
function Try({ before, scope }: { before: ShownPolicy; scope: string }) {
  const [text, setText] = useState(JSON.stringify(before.document, null, 2));
  const [tried, setTried] = useState<TriedPolicy | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const ofWhole = async () => {
    setBusy(true);
    setProblem(null);
    try {
      setTried(await tryPolicy(text, scope));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
    }
    setBusy(false);
  };
  return (
    <section class="card">
      <h2>Try another policy</h2>
      <label class="field">
        The document, as YAML or JSON
        <textarea
          rows={12}
          class="mono"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <button type="button" class="primary" disabled={isBusy} onClick={() => void ofWhole()}>
        {isBusy ? 'Trying …' : 'Try it on what is in use'}
      </button>
      {problem && <ProblemNote problem={problem} />}
      {tried && (
        <div role="status">
          <p>
            {number(tried.judged)} package versions judged: {number(tried.newlyHeld.length)} newly held,{' '}
            {number(tried.newlyFree.length)} newly free.
          </p>
          <Changed title="Newly held" entries={tried.newlyHeld} />
          <Changed title="Newly free" entries={tried.newlyFree} />
        </div>
      )}
    </section>
  );
}

/** All pages of the answer together. */
async function tryPolicy(
  policy: string,
  scope: string,
  before: TriedPolicy | null = null,
): Promise<TriedPolicy> {
  const page = await ask<TriedPolicy>(`/v1/policies/try${query({ scope })}`, {
    method: 'POST',
    body: { policy, after: before?.next ?? null },
  });
  const all: TriedPolicy = {
    ...page,
    judged: page.judged + (before?.judged ?? 0),
    newlyHeld: [...(before?.newlyHeld ?? []), ...page.newlyHeld],
    newlyFree: [...(before?.newlyFree ?? []), ...page.newlyFree],
  };
  return all.next === null ? all : tryPolicy(policy, scope, all);
}

function Changed({ title, entries }: { title: string; entries: TriedPolicy['newlyHeld'] }) {
  if (entries.length === 0) return null;
  return (
    <details>
      <summary>
        {title}: {number(entries.length)}
      </summary>
      <ul class="reasons">
        {entries.map(({ purl, codes, requests, requesters }) => (
          <li key={purl}>
            <a href={`/packages/${segment(purl)}`}>
              <Hostile text={shortPurl(purl)} />
            </a>{' '}
            {codes.map((code) => (
              <Badge key={code} word={code} tone="warn" />
            ))}
            <p class="remedy">
              In {number(requests)} requests, of <Hostile text={requesters.join(', ')} />
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
}
