import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { DecidedMany, PackageSummary } from '@sluice/api';
import { ask, query, segment } from '../api/client.ts';
import { may } from '../api/principal.ts';
import { useList } from '../api/use-list.ts';
import { number } from '../parts/badge.tsx';
import { ReasonDialog } from '../parts/dialog.tsx';
import { Head } from '../parts/head.tsx';
import { Keys } from '../parts/keys.tsx';
import { Empty } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { useKeyboard } from '../parts/use-keyboard.ts';
import { useQuery } from '../parts/use-query.ts';
import { useSelection } from '../parts/use-selection.tsx';
import { packageColumns, shortPurl } from './packages.tsx';

type Verb = 'approve' | 'reject';
/** A decision that waits for its reason. Its package versions stay the same while the list changes. */
interface Act {
  verb: Verb;
  chosen: readonly PackageSummary[];
  /** Their state when the dialog opened; later evidence was not looked at. */
  looked: Promise<LookedAt[]>;
}

type LookedAt = Pick<DecidedMany['items'][number], 'purl' | 'assessmentId' | 'sequence'>;

/** Decisions that the API takes at once. */
const sentAtOnce = 500;

const keysHelp: readonly [string, string][] = [
  ['j', 'next'],
  ['k', 'the one before'],
  ['x', 'select'],
  ['Enter', 'open'],
  ['a', 'approve what is selected, or this one'],
  ['r', 'reject what is selected, or this one'],
  ['Ctrl+Enter', 'send the decision'],
  ['Esc', 'select nothing'],
  ['?', 'these keys'],
];

const purlOf = ({ purl }: PackageSummary) => purl;

export function Approvals() {
  const [{ scope = '', recalled = '' }, change] = useQuery();
  const decision = recalled === '' ? 'none' : 'recalled';
  const handle = useList<PackageSummary>(
    `/v1/packages${query({ limit: 200, decision, outcome: recalled === '' ? 'review' : '', scope })}`,
  );
  const { items, hasMore } = handle.list.value;
  const { route } = useLocation();
  const [currentPurl, setCurrentPurl] = useState<string | null>(null);
  const selection = useSelection(purlOf, ({ purl }: PackageSummary) => shortPurl(purl));
  const [act, setAct] = useState<Act | null>(null);
  const [isHelp, setHelp] = useState(false);
  const [said, setSaid] = useState('');
  const mayDecide = may('packages.decide');

  // By its name: the list changes meanwhile, and keys must not act on a row that has moved up.
  const current = Math.max(
    0,
    items.findIndex(({ purl }) => purl === currentPurl),
  );
  const moveTo = (index: number) => setCurrentPurl(items[index]?.purl ?? currentPurl);
  const here = items[current];
  const chosen =
    selection.keys.size > 0 ? items.filter(({ purl }) => selection.keys.has(purl)) : here ? [here] : [];
  const begin = (verb: Verb) => {
    if (!mayDecide || chosen.length === 0) return;
    const looked = lookAt(chosen, verb, scope);
    // It is told where it is waited for.
    looked.catch(() => {});
    setAct({ verb, chosen, looked });
  };
  useKeyboard(act === null && !isHelp, {
    j: () => moveTo(Math.min(current + 1, items.length - 1)),
    k: () => moveTo(Math.max(current - 1, 0)),
    x: () => here && selection.toggle(here.purl),
    Enter: () => here && route(`/packages/${segment(here.purl)}${query({ scope })}`),
    a: () => begin('approve'),
    r: () => begin('reject'),
    Escape: () => selection.clear(),
    '?': () => setHelp(true),
  });

  const columns: readonly Column<PackageSummary>[] = [
    selection.column,
    ...packageColumns.filter(({ title }) => title !== 'Decision' && title !== 'Verdict'),
  ];
  return (
    <>
      <Head
        title="Approvals"
        lead={`Package versions that wait for a person: ${number(items.length)}${hasMore ? ' and more' : ''}.`}
      >
        <button type="button" onClick={() => setHelp(true)}>
          Keys <kbd>?</kbd>
        </button>
        {mayDecide && (
          <>
            <button
              type="button"
              disabled={chosen.length === 0}
              class="primary"
              onClick={() => begin('approve')}
            >
              Approve {selection.keys.size > 0 ? selection.keys.size : ''}
            </button>
            <button
              type="button"
              disabled={chosen.length === 0}
              class="danger"
              onClick={() => begin('reject')}
            >
              Reject {selection.keys.size > 0 ? selection.keys.size : ''}
            </button>
          </>
        )}
      </Head>
      <div class="tabs" role="group" aria-label="What waits">
        <button type="button" aria-pressed={recalled === ''} onClick={() => change({ recalled: '' })}>
          without a decision
        </button>
        <button type="button" aria-pressed={recalled !== ''} onClick={() => change({ recalled: 'yes' })}>
          recalled
        </button>
      </div>
      <div class="toolbar">
        <label>
          Scope
          <input
            type="search"
            placeholder="default"
            value={scope}
            onChange={({ currentTarget }) => change({ scope: currentTarget.value.trim() })}
          />
        </label>
        <button type="button" onClick={() => selection.select(items)}>
          Select all that are read
        </button>
      </div>
      <p role="status">{said}</p>
      {!mayDecide && items.length > 0 && (
        <p class="banner">
          To decide takes the role approver. An admin gives it, with a key or by your sign-in.
        </p>
      )}
      <ListTable
        label="Package versions that wait for a decision"
        handle={handle}
        columns={columns}
        keyOf={purlOf}
        current={items.length > 0 ? current : undefined}
        isSelected={({ purl }) => selection.keys.has(purl)}
        empty={<Empty title="Nothing waits for a decision." />}
      />
      {act && (
        <ReasonDialog
          title={`${act.verb === 'approve' ? 'Approve' : 'Reject'} ${number(act.chosen.length)} package version${act.chosen.length === 1 ? '' : 's'}`}
          verb={act.verb === 'approve' ? 'Approve' : 'Reject'}
          isDanger={act.verb === 'reject'}
          onClose={() => setAct(null)}
          onSend={async (reason) => {
            setSaid(await decideAll(await act.looked, act.verb, reason, scope));
            selection.clear();
            handle.reload();
          }}
        >
          <ul class="plain">
            {act.chosen.slice(0, 12).map(({ purl }) => (
              <li key={purl}>
                <code>{shortPurl(purl)}</code>
              </li>
            ))}
            {act.chosen.length > 12 && <li>and {number(act.chosen.length - 12)} more</li>}
          </ul>
        </ReasonDialog>
      )}
      {isHelp && <Keys keys={keysHelp} onClose={() => setHelp(false)} />}
    </>
  );
}

function* partsOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += sentAtOnce) yield items.slice(from, from + sentAtOnce);
}

/** Asks for the present state of each, which the decision is compared with. */
async function lookAt(chosen: readonly PackageSummary[], decision: Verb, scope: string): Promise<LookedAt[]> {
  const found: LookedAt[] = [];
  for (const part of partsOf(chosen)) {
    const packages = part.map(purlOf);
    const { items } = await ask<DecidedMany>(`/v1/decisions/preview${query({ scope })}`, {
      method: 'POST',
      body: { decision, reason: 'A look before the reason.', packages },
    });
    found.push(
      ...items.map(({ purl, assessmentId = null, sequence = null }) => ({ purl, assessmentId, sequence })),
    );
  }
  return found;
}

/** Decides all of them, as many at once as the API takes. @returns the result as a sentence. */
async function decideAll(
  looked: readonly LookedAt[],
  decision: Verb,
  reason: string,
  scope: string,
): Promise<string> {
  const refusals: string[] = [];
  let decided = 0;
  for (const packages of partsOf(looked)) {
    const answer = await ask<DecidedMany>(`/v1/decisions${query({ scope })}`, {
      method: 'POST',
      body: { decision, reason, packages, expectedCount: packages.length },
    });
    decided += answer.decided;
    refusals.push(
      ...answer.items.flatMap(({ purl, refusal }) => (refusal ? `${purl}: ${refusal.detail}` : [])),
    );
  }
  const done = `${number(decided)} ${decision === 'approve' ? 'approved' : 'rejected'}.`;
  if (refusals.length === 0) return done;
  return `${done} ${number(refusals.length)} not, the first of them ${shortPurl(refusals[0]!)}`;
}
