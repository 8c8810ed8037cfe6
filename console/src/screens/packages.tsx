import { useLocation } from 'preact-iso';
import type { PackageSummary } from '@sluice/api';
import { query, segment } from '../api/client.ts';
import { useList } from '../api/use-list.ts';
import { Badge } from '../parts/badge.tsx';
import { Choice } from '../parts/choice.tsx';
import { Head } from '../parts/head.tsx';
import { Empty } from '../parts/states.tsx';
import { ListTable, type Column } from '../parts/table.tsx';
import { Hostile } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { useQuery } from '../parts/use-query.ts';

/** A purl without `pkg:`, decoded: `npm/@scope/name@1.0.0`. */
export function shortPurl(purl: string): string {
  try {
    return decodeURIComponent(purl.replace(/^pkg:/, ''));
  } catch {
    return purl;
  }
}

export const packageColumns: readonly Column<PackageSummary>[] = [
  {
    title: 'Package version',
    isName: true,
    width: 'w-name',
    cell: ({ purl }) => (
      <a href={`/packages/${segment(purl)}`}>
        <Hostile text={shortPurl(purl)} />
      </a>
    ),
  },
  { title: 'Verdict', width: 'w-small', cell: ({ outcome, state }) => <Badge word={outcome ?? state} /> },
  {
    title: 'Decision',
    width: 'w-small',
    cell: ({ decision }) => (decision ? <Badge word={decision.state} /> : <span class="soft">none</span>),
  },
  { title: 'Why', cell: ({ reasons }) => <Hostile text={reasons.map(({ message }) => message).join(' ')} /> },
  { title: 'Assessed', width: 'w-small', cell: ({ endedAt }) => <Time at={endedAt} /> },
];

export function Packages() {
  const [{ outcome = '', decision = '', state = '', scope = '' }, change] = useQuery();
  const { route } = useLocation();
  const handle = useList<PackageSummary>(
    `/v1/packages${query({ limit: 200, outcome, decision, state, scope })}`,
  );
  return (
    <>
      <Head
        title="Package versions"
        lead="Everything that was ever asked for, with its verdict and its decision."
      />
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          const purl = new FormData(event.currentTarget).get('purl') as string;
          if (purl.trim() !== '') route(`/packages/${segment(purl.trim())}`);
        }}
      >
        <label>
          Open a package version
          <input name="purl" type="search" size={40} placeholder="pkg:npm/lodash@4.17.21" />
        </label>
        <button type="submit">Open</button>
        <label>
          Scope
          <input
            type="search"
            value={scope}
            placeholder="default"
            onChange={({ currentTarget }) => change({ scope: currentTarget.value.trim() })}
          />
        </label>
      </form>
      <div class="toolbar">
        <Choice
          label="Verdict"
          value={outcome}
          options={['approve', 'review', 'reject']}
          onChange={(chosen) => change({ outcome: chosen })}
        />
        <Choice
          label="Decision"
          value={decision}
          options={['none', 'approved', 'rejected', 'recalled', 'ended']}
          onChange={(chosen) => change({ decision: chosen })}
        />
      </div>
      <ListTable
        label="Package versions"
        handle={handle}
        columns={packageColumns}
        keyOf={({ purl }) => purl}
        empty={
          <Empty title="No package version fits.">
            {outcome + decision + state === '' ? 'None was asked for yet.' : 'Take a filter away.'}
          </Empty>
        }
      />
    </>
  );
}
