import type { Tx } from '@sluice/postgres';
import type { ProjectedEvent } from '../projected-event.ts';

/** Where one thing is counted, by kind and key. */
export type Counted = [kind: string, key: string][];

/** Brings `counts` up to date with things that were counted somewhere and now are somewhere else. */
export async function recount(tx: Tx, changes: { before: Counted; after: Counted }[]): Promise<void> {
  const sums = new Map<string, { kind: string; key: string; count: number }>();
  const add = (counted: Counted, step: number) => {
    for (const [kind, key] of counted) {
      const name = `${kind} ${key}`;
      sums.set(name, { kind, key, count: (sums.get(name)?.count ?? 0) + step });
    }
  };
  for (const { before, after } of changes) {
    add(before, -1);
    add(after, 1);
  }
  const rows = [...sums.values()].filter(({ count }) => count !== 0);
  if (rows.length === 0) return;
  await Promise.all([
    tx`
      insert into counts (kind, key, count)
      select kind, key, count from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as e (kind text, key text, count int)
      on conflict (kind, key) do update set count = counts.count + excluded.count`,
    // A rebuild, whose batches are others, has no row of what came and went in one.
    tx`delete from counts where count = 0`,
  ]);
}

const changing = ['request.submitted', 'request.completed', 'request.cancelled', 'request.reopened'];

/** Does what changes requests, and counts them before and after. */
export async function recountRequests(
  tx: Tx,
  events: ProjectedEvent[],
  change: () => Promise<void>,
): Promise<void> {
  const ids = events.filter(({ event }) => changing.includes(event.type)).map(({ event }) => event.subject);
  const before = await countedRequests(tx, ids);
  await change();
  const after = await countedRequests(tx, ids);
  await recount(
    tx,
    [...new Set(ids)].map((id) => ({ before: before.get(id) ?? [], after: after.get(id) ?? [] })),
  );
}

async function countedRequests(tx: Tx, ids: string[]): Promise<Map<string, Counted>> {
  if (ids.length === 0) return new Map();
  const rows = await tx<{ id: string; completed: boolean; cancelled: boolean }[]>`
    select id, completed_at is not null as completed, cancelled_at is not null as cancelled
    from requests join unnest(${ids}::uuid[]) as told (id) using (id)`;
  return new Map(
    rows.map(({ id, completed, cancelled }) => {
      const states = [...(completed ? [] : ['open']), ...(completed && !cancelled ? ['completed'] : [])];
      return [id, [...states, ...(cancelled ? ['cancelled'] : [])].map((state) => ['requests', state])];
    }),
  );
}
