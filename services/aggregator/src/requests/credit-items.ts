import type { DownloadEvidence, Verdict } from '@sluice/contracts';
import { columnsOf, type Tx } from '@sluice/postgres';
import type { OutboxMessage } from '@sluice/delivery';
import type { Policy } from '@sluice/policy';
import { isPartOf, itemEnd, type EndedItem, type ItemRow } from './item-outcome.ts';
import { progressRequests } from './progress-requests.ts';

/** The result that waiting items of a package version are credited with. */
export interface Credit {
  purl: string;
  assessmentId: string;
  verdict: Verdict | null;
  download: DownloadEvidence | null;
}

export interface WaitingItem extends ItemRow {
  requestId: string;
  ordinal: number;
}

/** Dependencies of crediting, besides the transaction. */
export interface CreditDeps {
  policy: Policy;
  now: () => Date;
}

/** Ends every item that waits for one of these package versions, in all requests. */
export async function creditItems(tx: Tx, credits: Credit[], deps: CreditDeps): Promise<OutboxMessage[]> {
  if (credits.length === 0) return [];
  const purls = credits.map(({ purl }) => purl);
  return creditWaiting(tx, await lockWaiting(tx, purls), credits, deps);
}

/** Locks the items that wait for one of these package versions, in one order everywhere. */
export function lockWaiting(tx: Tx, purls: string[]): Promise<WaitingItem[]> {
  return tx<WaitingItem[]>`
    select request_id as "requestId", ordinal, purl, pins, notes, bundled_in as "bundledIn" from items
    where outcome is null and purl = any(${purls}::text[])
    order by request_id, ordinal for update`;
}

/** Ends items with the results of their package versions. The rows are locked by the caller. */
export function creditWaiting(
  tx: Tx,
  waiting: WaitingItem[],
  credits: Credit[],
  { policy, now }: CreditDeps,
): Promise<OutboxMessage[]> {
  const byPurl = new Map(credits.map((credit) => [credit.purl, credit]));
  const ended = waiting.map((item) => {
    const { assessmentId, verdict, download } = byPurl.get(item.purl)!;
    const { requestId, ordinal, purl } = item;
    const follows = isPartOf(item) ? purl : null;
    return { requestId, ordinal, assessmentId, follows, ...itemEnd(item, verdict, download, policy) };
  });
  return endItems(tx, ended, now());
}

/** Records the ends of items and completes the requests whose last item ended. */
export async function endItems(tx: Tx, ended: EndedItem[], now: Date): Promise<OutboxMessage[]> {
  const byRequest = new Map<string, EndedItem[]>();
  for (const item of ended) {
    const items = byRequest.get(item.requestId);
    if (items) items.push(item);
    else byRequest.set(item.requestId, [item]);
  }
  // Sent together, done in this order: items before their requests, as everywhere.
  const [, messages] = await Promise.all([saveEnds(tx, ended, now), progressRequests(tx, byRequest, now)]);
  return messages;
}

async function saveEnds(tx: Tx, ended: EndedItem[], now: Date): Promise<void> {
  if (ended.length === 0) return;
  const column = columnsOf(tx, ended);
  await tx`
    update items set outcome = e.outcome, assessment_id = e.assessment_id, ended_at = ${now}
    from unnest(
      ${column(({ requestId }) => requestId)}::uuid[], ${column(({ ordinal }) => ordinal)}::int[],
      ${column(({ outcome }) => outcome)}, ${column(({ assessmentId }) => assessmentId)}::uuid[]
    ) as e (request_id, ordinal, outcome, assessment_id)
    where items.request_id = e.request_id and items.ordinal = e.ordinal`;
}
