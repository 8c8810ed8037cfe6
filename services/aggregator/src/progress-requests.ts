import {
  eventId,
  makeEvent,
  requestCompleted,
  requestProgressed,
  type ItemOutcome,
  type Lane,
} from '@sluice/contracts';
import { toMessage } from '@sluice/messaging';
import type { OutboxMessage, Tx } from '@sluice/postgres';
import type { ItemEnd } from './item-outcome.ts';

export interface EndedItem extends ItemEnd {
  requestId: string;
  ordinal: number;
  assessmentId: string | null;
}

/** With 200 items of a few hundred bytes an event stays below its 64 KB. */
const itemsPerEvent = 200;

interface RequestRow {
  lane: Lane;
  openItems: number;
  counts: Partial<Record<ItemOutcome, number>>;
  traceparent: string | null;
  /** Counts how often the request was opened, from 1: an item ends once in each round. */
  round: number;
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
  const [, rows] = await Promise.all([
    // In one order everywhere, so that two transactions that touch the same requests cannot deadlock.
    tx`select from requests where id = any(${ids}::uuid[]) order by id for update`,
    tx<(RequestRow & { id: string })[]>`
      update requests set
        open_items = open_items - e.ended,
        counts = counts || coalesce((
          select jsonb_object_agg(outcome, coalesce((counts ->> outcome)::int, 0) + n::int)
          from jsonb_each_text(e.added::jsonb) as a (outcome, n)), '{}'),
        state = case when open_items = e.ended and state = 'open' then 'completed' else state end,
        completed_at = case when open_items = e.ended then ${now}::timestamptz end
      from unnest(
        ${ids}::uuid[], ${progressed.map(([, items]) => items.length)}::int[],
        ${progressed.map(([, items]) => JSON.stringify(countOutcomes(items)))}::text[]) as e (id, ended, added)
      where requests.id = e.id
      returning requests.id, lane, open_items as "openItems", counts, traceparent, round`,
  ]);
  const requests = new Map(rows.map((row) => [row.id, row]));
  return progressed.flatMap(([requestId, items]) => {
    const request = requests.get(requestId);
    if (!request) return [];
    const messages = chunk(items, itemsPerEvent).map((part) => progressedFact(requestId, request, part, now));
    if (request.openItems === 0) messages.push(completedFact(requestId, request, now));
    return messages;
  });
}

function countOutcomes(items: EndedItem[]): RequestRow['counts'] {
  const counts: RequestRow['counts'] = {};
  for (const { outcome } of items) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

function progressedFact(
  requestId: string,
  request: RequestRow,
  items: EndedItem[],
  now: Date,
): OutboxMessage {
  const { lane, traceparent } = request;
  const event = makeEvent(requestProgressed, {
    // The first item of the chunk tells it from every other of the round.
    id: eventId(requestId, requestProgressed.type, `${request.round}/${items[0]!.ordinal}`),
    source: 'aggregator',
    subject: requestId,
    time: now,
    data: {
      requestId,
      lane,
      round: request.round,
      items: items.map(({ ordinal, outcome, assessmentId, reasons }) => ({
        ordinal,
        outcome,
        assessmentId,
        reasons,
        at: now.toISOString(),
      })),
    },
  });
  return toMessage(event, { lane, traceparent: traceparent ?? undefined });
}

/** @param failure why the request could not be taken in, when that is how it ended. */
export function completedFact(
  requestId: string,
  request: Pick<RequestRow, 'lane' | 'counts' | 'traceparent' | 'round'>,
  now: Date,
  failure?: { code: string; detail: string },
): OutboxMessage {
  const { lane, counts, traceparent } = request;
  const event = makeEvent(requestCompleted, {
    id: eventId(requestId, requestCompleted.type, request.round),
    source: 'aggregator',
    subject: requestId,
    time: now,
    data: {
      requestId,
      lane,
      round: request.round,
      counts,
      completedAt: now.toISOString(),
      ...(failure ? { failure } : {}),
    },
  });
  return toMessage(event, { lane, traceparent: traceparent ?? undefined });
}

function chunk<Item>(items: Item[], size: number): Item[][] {
  const chunks: Item[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
