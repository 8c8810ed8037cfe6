import { setTimeout as delay } from 'node:timers/promises';
import { eventsStream } from '@sluice/broker';
import type { World } from './world.ts';

export interface Quiesced {
  /** False when work was left at the deadline. */
  done: boolean;
  /** Time of the last item's end. */
  drainedAt: number;
  /** The work that was left. */
  left: string;
}

const pollMs = 250;

/** Waits until nothing is in flight any more: requests, outboxes and read models. Everything else is the checker's. */
export async function quiesce(world: World, deadlineMs: number): Promise<Quiesced> {
  const deadline = Date.now() + deadlineMs;
  let left = 'nothing was asked yet';
  let drainedAt = 0;
  while (Date.now() < deadline) {
    try {
      const open = await openWork(world);
      if (open.items === 0 && drainedAt === 0) drainedAt = Date.now();
      if (open.items > 0) drainedAt = 0;
      left = JSON.stringify(open);
      if (Object.values(open).every((count: number) => count === 0)) return { done: true, drainedAt, left };
    } catch (error) {
      left = String(error);
    }
    await delay(pollMs);
  }
  return { done: false, drainedAt: Date.now(), left };
}

export interface OpenWork {
  requests: number;
  batches: number;
  items: number;
  outboxes: number;
  /** Events that the read models do not have yet. */
  unread: number;
}

/** Open work, by part. */
export async function openWork({ sql, bus, load }: World): Promise<OpenWork> {
  const ids = load.acknowledged.map(({ requestId }) => requestId);
  const [row] = await sql<(Omit<OpenWork, 'unread'> & { sequence: number })[]>`
    select
      ${ids.length}::int - (select count(*)::int from aggregator.requests
        where id = any(${ids}::uuid[]) and state <> 'open') as requests,
      (select count(*)::int from aggregator.items where outcome is null)
        + (select coalesce(sum(item_count), 0)::int
            from (select id, item_count from gateway.submissions union all select id, item_count from importer.submissions) s
            where not exists (select from aggregator.requests r where r.id = s.id)) as items,
      (select count(*)::int from gateway.batches g where not exists (
        select from aggregator.batches b where b.id = g.id and b.completed_at is not null)) as batches,
      (select count(*)::int from aggregator.outbox_waiting) + (select count(*)::int from importer.outbox_waiting)
        + (select count(*)::int from gateway.outbox_waiting) as outboxes,
      (select sequence from read.checkpoint) as sequence`;
  const { state } = await bus.jsm.streams.info(eventsStream);
  const { requests, batches, items, outboxes, sequence } = row!;
  return { requests, batches, items, outboxes, unread: state.last_seq - sequence };
}
