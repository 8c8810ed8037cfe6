import { unknownScope, type DownloadEvidence, type Verdict } from '@sluice/contracts';
import { columnsOf, type Tx } from '@sluice/postgres';
import type { OutboxMessage } from '@sluice/delivery';
import { isPartOf, itemEnd, type EndedItem, type ItemEnd, type ItemRow } from './item-outcome.ts';
import { progressRequests } from './progress-requests.ts';
import type { Scopes } from '../scopes.ts';

/** The result that waiting items of a package version are credited with in a scope. */
export interface Credit {
  assessmentId: string;
  /** Null when the assessment failed. */
  verdict: Verdict | null;
  download: DownloadEvidence | null;
}

export interface WaitingItem extends ItemRow {
  requestId: string;
  ordinal: number;
  scope: string;
}

/** Dependencies of crediting, besides the transaction. */
export interface CreditDeps {
  scopes: Scopes;
  now: () => Date;
}

/** Tells a package version in a scope from every other. */
export function keyOf({ purl, scope }: { purl: string; scope: string }): string {
  return `${scope} ${purl}`;
}

/** Ends every item that waits for one of these package versions in the scope of the credit, in all requests. */
export async function creditItems(
  tx: Tx,
  credits: (Credit & { purl: string; scope: string })[],
  deps: CreditDeps,
): Promise<OutboxMessage[]> {
  if (credits.length === 0) return [];
  const byKey = new Map(credits.map((credit) => [keyOf(credit), credit]));
  const purls = new Set(credits.map(({ purl }) => purl));
  const locked = await lockWaiting(tx, [...purls]);
  const waiting = locked.filter((item) => byKey.has(keyOf(item)));
  return creditWaiting(tx, waiting, (item) => byKey.get(keyOf(item))!, deps);
}

/** Locks the items that wait for one of these package versions, in one order everywhere. */
export function lockWaiting(tx: Tx, purls: string[]): Promise<WaitingItem[]> {
  return tx<WaitingItem[]>`
    select request_id as "requestId", ordinal, scope, purl, pins, notes, bundled_in as "bundledIn" from items
    where outcome is null and purl = any(${purls}::text[])
    order by request_id, ordinal for update`;
}

/** Ends items with the results of their package versions. The rows are locked by the caller. */
export function creditWaiting(
  tx: Tx,
  waiting: WaitingItem[],
  creditOf: (item: WaitingItem) => Credit,
  { scopes, now }: CreditDeps,
): Promise<OutboxMessage[]> {
  const ended = waiting.map((item) => {
    const { assessmentId, verdict, download } = creditOf(item);
    const { requestId, ordinal, purl, scope } = item;
    const follows = isPartOf(item) ? purl : null;
    const policy = scopes.get(scope);
    const end = policy ? itemEnd(item, verdict, download, policy) : withoutScope(scope, scopes);
    return { requestId, ordinal, assessmentId, follows, ...end };
  });
  return endItems(tx, ended, now());
}

/** The scope was taken out of the configuration while the item waited: no policy says what the evidence means. */
function withoutScope(scope: string, scopes: Scopes): ItemEnd {
  const { code, message } = unknownScope(scope, scopes.keys());
  return { outcome: 'failed', reasons: [{ code, message }] };
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
