import {
  sourceConcerns,
  type EventData,
  type SubmissionItem,
  type requestSubmitted,
} from '@sluice/contracts';
import { columnsOf, type Tx } from '@sluice/postgres';
import type { OutboxMessage } from '@sluice/delivery';
import { assessAll, wantIn, type Wanted } from '../assessments/assess-packages.ts';
import { noteChangedBatch } from '../batches/settle-batches.ts';
import { endItems } from './credit-items.ts';
import type { AggregatorDeps } from '../deps.ts';
import type { EndedItem } from './item-outcome.ts';
import { progressRequests } from './progress-requests.ts';
import { reopenedFacts } from '../facts/request-facts.ts';

/** Data of a `request.submitted`. */
export type Submitted = EventData<typeof requestSubmitted>;

/** A request with the list that its event names. */
export interface ListedRequest {
  data: Submitted;
  traceparent: string | undefined;
  items: SubmissionItem[];
}

/**
 * Opens requests: each gets its row. One that was given up is opened again, as another round: its dead letter was
 * redriven. One that was taken in long ago, when the inbox does not remember it any more, stays as it is.
 * @returns the rounds of those that were opened, by the request's id.
 */
export async function openRequests(tx: Tx, requests: ListedRequest[]): Promise<Map<string, number>> {
  // Each once, and in one order everywhere, as for everything that locks.
  const once = [...new Map(requests.map((request) => [request.data.requestId, request])).values()];
  once.sort((a, b) => (a.data.requestId < b.data.requestId ? -1 : 1));
  await noteBatches(
    tx,
    once.map(({ data }) => data),
  );
  const column = columnsOf(tx, once);
  const rows = await tx<{ id: string; round: number }[]>`
    insert into requests (id, lane, scope, requester, item_count, open_items, traceparent, submitted_at, batch_id)
    select id, lane, scope, requester, item_count, item_count, traceparent, submitted_at, batch_id
    from unnest(
      ${column(({ data }) => data.requestId)}::uuid[], ${column(({ data }) => data.lane)}, ${column(({ data }) => data.scope)},
      ${column(({ data }) => data.requester)},
      ${column(({ items }) => items.length)}::int[], ${column(({ traceparent }) => traceparent ?? null)},
      ${column(({ data }) => data.submittedAt)}::timestamptz[], ${column(({ data }) => data.batchId ?? null)}::uuid[])
      as e (id, lane, scope, requester, item_count, traceparent, submitted_at, batch_id)
    on conflict (id) do update set state = 'open', round = requests.round + 1, item_count = excluded.item_count,
      open_items = excluded.open_items, counts = '{}', completed_at = null
    where requests.state = 'failed'
    returning id, round`;
  return new Map(rows.map(({ id, round }) => [id, round]));
}

/**
 * Makes sure that batches have a row before any of their requests ends: `batch.opened` may come later than that, and the transactions
 * that end requests have to wait for each other there.
 */
export async function noteBatches(
  tx: Tx,
  requests: readonly Pick<Submitted, 'batchId' | 'lane' | 'scope'>[],
): Promise<void> {
  const byId = new Map(requests.flatMap((request) => (request.batchId ? [[request.batchId, request]] : [])));
  if (byId.size === 0) return;
  const batches = [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const column = columnsOf(tx, batches);
  await tx`
    insert into batches (id, lane, scope)
    select * from unnest(
      ${column(([id]) => id)}::uuid[], ${column(([, { lane }]) => lane)}, ${column(([, { scope }]) => scope)})
    on conflict do nothing`;
}

/**
 * Takes in requests that were opened in this transaction: each becomes items, and each package version is credited,
 * joined or newly assessed, once for all of them.
 */
export async function takeIn(
  tx: Tx,
  requests: (ListedRequest & { round: number })[],
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  const now = deps.now();
  const wanted: Wanted = new Map();
  for (const { data, items } of requests) {
    for (const item of items) if (isAssessable(item)) wantIn(wanted, item.purl, data.lane, data.scope);
  }
  // Sent together. The items go first: when they cannot be saved, the work on their package versions fails with them.
  const [, assessed] = await Promise.all([insertItems(tx, requests), assessAll(tx, wanted, deps)]);
  const empty = requests.filter(({ items }) => items.length === 0).map(({ data }) => data.requestId);
  return [
    ...requests.flatMap((request) => reopened(tx, request, now)),
    ...assessed,
    ...(await endItems(tx, requests.flatMap(unassessableOf), now)),
    ...(await progressRequests(tx, new Map(empty.map((id) => [id, []])), now)),
  ];
}

function isAssessable(item: SubmissionItem): item is SubmissionItem & { purl: string } {
  return !item.unassessable && Boolean(item.purl);
}

/** One statement for all, so that later statements find all items. */
async function insertItems(tx: Tx, requests: ListedRequest[]): Promise<void> {
  const rows = requests.flatMap(({ data: { requestId, scope }, items }) =>
    items.map(({ purl, pins, unassessable, notes, bundledIn }, ordinal) => ({
      requestId,
      ordinal,
      scope,
      purl: unassessable ? null : purl,
      pins: pins.length > 0 ? pins : null,
      notes: concernsOf(notes),
      bundledIn: bundledIn ?? null,
    })),
  );
  if (rows.length === 0) return;
  const column = columnsOf(tx, rows);
  await tx`
    insert into items (request_id, ordinal, scope, purl, pins, notes, bundled_in)
    select request_id, ordinal, scope, purl, pins::json, notes::json, bundled_in from unnest(
      ${column(({ requestId }) => requestId)}::uuid[], ${column(({ ordinal }) => ordinal)}::int[], ${column(({ scope }) => scope)},
      ${column(({ purl }) => purl)}, ${column(({ pins }) => pins)}, ${column(({ notes }) => notes)},
      ${column(({ bundledIn }) => bundledIn)}) as e (request_id, ordinal, scope, purl, pins, notes, bundled_in)`;
}

/** The notes that the policy has an outcome for; the others are for readers. */
function concernsOf(notes: SubmissionItem['notes']): SubmissionItem['notes'] | null {
  const concerns = notes.filter(({ code }) => (sourceConcerns as readonly string[]).includes(code));
  return concerns.length > 0 ? concerns : null;
}

function unassessableOf({ data: { requestId }, items }: ListedRequest): EndedItem[] {
  return items.flatMap((item, ordinal) => {
    if (isAssessable(item)) return [];
    const reasons = item.unassessable ? [item.unassessable] : [];
    return [{ requestId, ordinal, assessmentId: null, outcome: 'unassessable' as const, reasons }];
  });
}

/** The author of a redrive is in the audit, not here. */
const redriven = { by: 'aggregator', reason: 'The list of the request can be read again.' };

function reopened(
  tx: Tx,
  {
    data: { requestId: id, lane, scope, batchId = null },
    traceparent,
    items,
    round,
  }: ListedRequest & { round: number },
  now: Date,
): OutboxMessage[] {
  if (round === 1) return [];
  noteChangedBatch(tx, batchId);
  const request = { id, lane, scope, traceparent: traceparent ?? null };
  return reopenedFacts(request, redriven, round, [...items.keys()], now);
}
