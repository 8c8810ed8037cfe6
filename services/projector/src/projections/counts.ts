import type { Tx } from '@sluice/postgres';
import type { ProjectedEvent } from '../projected-event.ts';
import type { Write } from '../write.ts';

/** Where one thing is counted, by kind, scope and key; the scope of runs, which all scopes share, is empty. */
export type Counted = [kind: string, scope: string, key: string][];

/** One thing that was counted somewhere and now is somewhere else. */
export interface CountChange {
  before: Counted;
  after: Counted;
}

/** Requests as they were before a batch, by id in lower case: where each is counted. */
export type StoredRequests = Map<string, Counted>;

const countingTypes = ['request.submitted', 'request.completed', 'request.cancelled', 'request.reopened'];

function recountedIds(events: ProjectedEvent[]): string[] {
  const changing = events.filter(({ event }) => countingTypes.includes(event.type));
  return [...new Set(changing.map(({ event }) => event.subject.toLowerCase()))];
}

/** The stored requests that a batch of events is about. */
export async function loadRequests(tx: Tx, events: ProjectedEvent[]): Promise<StoredRequests> {
  const told = events.filter(({ event }) => event.type.startsWith('request.'));
  const ids = [...new Set(told.map(({ event }) => event.subject.toLowerCase()))];
  if (ids.length === 0) return new Map();
  const rows = await tx<{ id: string; scope: string; keys: string[] }[]>`
    select id, scope, array(select key from (${keysOf(tx)}) as k) as keys
    from requests r join unnest(${ids}::uuid[]) as told (id) using (id)`;
  return new Map(rows.map(({ id, scope, keys }) => [id, keys.map((key) => ['requests', scope, key])]));
}

/** Where a request `r` is counted. */
function keysOf(tx: Tx) {
  return tx`
    select case when r.cancelled_at is not null then 'cancelled' when r.failure is not null then 'failed'
      when r.completed_at is not null then 'completed' else 'open' end as key`;
}

/**
 * Updates `counts` for a batch of events, after all other tables.
 * @param packages changes of package versions in the batch.
 * @param stored result of `loadRequests` for the batch; Postgres finds the present counts itself.
 */
export function recount(
  tx: Tx,
  events: ProjectedEvent[],
  packages: CountChange[],
  stored: StoredRequests,
): Write[] {
  const ids = recountedIds(events);
  const requests = ids.map((id) => ({ before: stored.get(id) ?? [], after: [] }));
  const sums = sumsOf([...packages, ...requests]);
  if (sums.length === 0 && ids.length === 0) return [];
  return [
    {
      send: () => tx`
        insert into counts (kind, scope, key, count)
        select kind, scope, key, sum(count)::int from (
          select kind, scope, key, count from jsonb_to_recordset(${JSON.stringify(sums)}::text::jsonb) as e (kind text, scope text, key text, count int)
          union all
          select 'requests', r.scope, k.key, 1
          from unnest(${ids}::uuid[]) as told (id) join requests r using (id) cross join lateral (${keysOf(tx)}) as k
        ) as changes group by 1, 2, 3 having sum(count) <> 0
        on conflict (kind, scope, key) do update set count = counts.count + excluded.count`,
    },
    // A rebuild has other batches: a count that rose and fell within one batch has no row there.
    { send: () => tx`delete from counts where count = 0` },
  ];
}

interface Sum {
  kind: string;
  scope: string;
  key: string;
  count: number;
}

function sumsOf(changes: CountChange[]): Sum[] {
  const sums = new Map<string, Sum>();
  const add = (counted: Counted, step: number) => {
    for (const [kind, scope, key] of counted) {
      const name = `${kind} ${scope} ${key}`;
      sums.set(name, { kind, scope, key, count: (sums.get(name)?.count ?? 0) + step });
    }
  };
  for (const { before, after } of changes) {
    add(before, -1);
    add(after, 1);
  }
  return [...sums.values()].filter(({ count }) => count !== 0);
}
