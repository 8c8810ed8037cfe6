import { columnsOf, type Tx } from '@sluice/postgres';
import type { OutboxMessage } from '@sluice/delivery';
import { noteChangedBatch } from '../batches/settle-batches.ts';
import type { EndedItem } from './item-outcome.ts';
import {
  completedFact,
  progressedFact,
  type OutcomeCounts,
  type RequestRound,
} from '../facts/request-facts.ts';

/** Items of one event at most, and characters of their reasons at most: an event has at most 64 KB. */
const itemsPerEvent = 200;
const reasonsMaxChars = 24_000;

/** Cuts items into parts that fit into an event each. */
function eventParts(items: EndedItem[]): EndedItem[][] {
  const parts: EndedItem[][] = [];
  let chars = Infinity;
  for (const item of items) {
    const added = item.reasons.length === 0 ? 0 : JSON.stringify(item.reasons).length;
    if (chars + added > reasonsMaxChars || parts.at(-1)!.length === itemsPerEvent) {
      parts.push([]);
      chars = 0;
    }
    parts.at(-1)!.push(item);
    chars += added;
  }
  return parts;
}

interface RequestRow extends RequestRound {
  openItems: number;
  counts: OutcomeCounts;
  batchId: string | null;
}

/**
 * Counts ended items towards their requests, and completes those with none left. A request without any items has none
 * to end with, and is completed by standing here with no items.
 */
export async function progressRequests(
  tx: Tx,
  byRequest: ReadonlyMap<string, EndedItem[]>,
  now: Date,
): Promise<OutboxMessage[]> {
  if (byRequest.size === 0) return [];
  const progressed = [...byRequest].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const ids = progressed.map(([id]) => id);
  const column = columnsOf(tx, progressed);
  const [, rows] = await Promise.all([
    // In one order everywhere, so that two transactions that touch the same requests cannot deadlock.
    tx`select from requests where id = any(${ids}::uuid[]) order by id for update`,
    tx<RequestRow[]>`
      update requests set
        open_items = open_items - e.ended,
        counts = counts || coalesce((
          select jsonb_object_agg(outcome, coalesce((counts ->> outcome)::int, 0) + n::int)
          from jsonb_each_text(e.added::jsonb) as a (outcome, n)), '{}'),
        state = case when open_items = e.ended and state = 'open' then 'completed' else state end,
        completed_at = case when open_items = e.ended then ${now}::timestamptz end
      from unnest(
        ${column(([id]) => id)}::uuid[], ${column(([, items]) => items.length)}::int[],
        ${column(([, items]) => countOutcomes(items))}) as e (id, ended, added)
      where requests.id = e.id
      returning requests.id, lane, scope, open_items as "openItems", counts, traceparent, round,
        batch_id as "batchId"`,
  ]);
  const requests = new Map(rows.map((row) => [row.id, row]));
  return progressed.flatMap(([requestId, items]) => {
    const request = requests.get(requestId);
    if (!request) return [];
    const messages = eventParts(items).map((part) => progressedFact(request, part, now));
    if (request.openItems > 0) return messages;
    noteChangedBatch(tx, request.batchId);
    return [...messages, completedFact(request, request.counts, now)];
  });
}

function countOutcomes(items: EndedItem[]): OutcomeCounts {
  const counts: OutcomeCounts = {};
  for (const { outcome } of items) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
