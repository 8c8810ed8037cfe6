import {
  eventId,
  makeEvent,
  requestCompleted,
  requestProgressed,
  type DownloadEvidence,
  type ItemOutcome,
  type Lane,
  type Verdict,
} from '@sluice/contracts';
import { toMessage } from '@sluice/messaging';
import type { OutboxMessage, Tx } from '@sluice/postgres';
import { itemEnd, type ItemEnd } from './item-outcome.ts';

/** What waiting items of a package version are credited with. */
export interface Credit {
  purl: string;
  assessmentId: string;
  verdict: Verdict | null;
  download: DownloadEvidence | null;
}

export interface EndedItem extends ItemEnd {
  requestId: string;
  ordinal: number;
  assessmentId: string | null;
}

/** With 200 items of a few hundred bytes an event stays below its 64 KB. */
const itemsPerEvent = 200;

/** Ends every item that waits for one of these package versions, in all requests. */
export async function creditItems(tx: Tx, credits: Credit[], now: Date): Promise<OutboxMessage[]> {
  const byPurl = new Map(credits.map((credit) => [credit.purl, credit]));
  const waiting = await tx<{ requestId: string; ordinal: number; purl: string; integrity: string | null }[]>`
    select request_id as "requestId", ordinal, purl, integrity from items
    where outcome is null and purl = any(${[...byPurl.keys()]}::text[])
    order by request_id, ordinal for update`;
  const ended = waiting.map(({ requestId, ordinal, purl, integrity }) => {
    const credit = byPurl.get(purl)!;
    return {
      requestId,
      ordinal,
      assessmentId: credit.assessmentId,
      ...itemEnd(integrity, credit.verdict, credit.download),
    };
  });
  return endItems(tx, ended, now);
}

/** Records the ends of items and completes the requests whose last item ended. */
export async function endItems(tx: Tx, ended: EndedItem[], now: Date): Promise<OutboxMessage[]> {
  if (ended.length === 0) return [];
  await tx`
    update items set outcome = e.outcome, assessment_id = e.assessment_id, ended_at = ${now}
    from unnest(
      ${ended.map((item) => item.requestId)}::uuid[], ${ended.map((item) => item.ordinal)}::int[],
      ${ended.map((item) => item.outcome)}::text[], ${ended.map((item) => item.assessmentId)}::uuid[]
    ) as e (request_id, ordinal, outcome, assessment_id)
    where items.request_id = e.request_id and items.ordinal = e.ordinal`;
  const messages: OutboxMessage[] = [];
  const byRequest = new Map<string, EndedItem[]>();
  for (const item of ended) byRequest.set(item.requestId, (byRequest.get(item.requestId) ?? []).concat(item));
  // In one order everywhere, so that two transactions that touch the same requests cannot deadlock.
  for (const [requestId, items] of [...byRequest].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    messages.push(...(await progressRequest(tx, requestId, items, now)));
  }
  return messages;
}

interface RequestRow {
  lane: Lane;
  openItems: number;
  counts: Partial<Record<ItemOutcome, number>>;
  traceparent: string | null;
  /** Counts how often the request was opened, from 1: an item ends once in each round. */
  round: number;
}

/** Counts ended items towards their request, and completes it when none is left. */
export async function progressRequest(
  tx: Tx,
  requestId: string,
  items: EndedItem[],
  now: Date,
): Promise<OutboxMessage[]> {
  const added: Partial<Record<ItemOutcome, number>> = {};
  for (const { outcome } of items) added[outcome] = (added[outcome] ?? 0) + 1;
  const [before] = await tx<{ counts: Partial<Record<ItemOutcome, number>> }[]>`
    select counts from requests where id = ${requestId} for update`;
  const counts = { ...before?.counts };
  for (const [outcome, count] of Object.entries(added)) {
    counts[outcome as ItemOutcome] = (counts[outcome as ItemOutcome] ?? 0) + count;
  }
  const [request] = await tx<RequestRow[]>`
    update requests set
      open_items = open_items - ${items.length},
      counts = ${JSON.stringify(counts)}::text::jsonb,
      state = case when open_items = ${items.length} and state = 'open' then 'completed' else state end,
      completed_at = case when open_items = ${items.length} then ${now}::timestamptz end
    where id = ${requestId}
    returning lane, open_items as "openItems", counts, traceparent, round`;
  if (!request) return [];
  const messages = chunk(items, itemsPerEvent).map((part) => progressedFact(requestId, request, part, now));
  if (request.openItems === 0) messages.push(completedFact(requestId, request, now));
  return messages;
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
