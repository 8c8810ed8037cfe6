import { decodeEnvelope, requestSubmitted, type ItemOutcome } from '@sluice/contracts';
import { readEventLogUpTo, addToOutbox } from '@sluice/delivery';
import { streamIdentity, type Bus } from '@sluice/broker';
import type { Tx } from '@sluice/postgres';
import { assessAll, wantIn, type Wanted } from '../assessments/assess-packages.ts';
import type { AggregatorDeps } from '../deps.ts';
import { readList } from './on-request-submitted.ts';
import type { Submitted } from './take-in-requests.ts';
import { reopenItems } from './reopen-items.ts';
import { reopenedFacts } from '../facts/request-facts.ts';
import { transact } from '../transact.ts';

const name = 'npm-names-keep-their-letters';
const byHand = { by: 'aggregator', reason: 'The package was stored under a name in other letters.' };
const batchMax = 500;

/**
 * Finds items that version 0.1 stored under merged names and has them assessed under their own: it lowered the names of
 * npm packages, so that `JSONStream` was judged as `jsonstream`. The lists of requests still have the names as the
 * lockfiles have them. Done once; until it is done, it is begun anew at each start.
 * @returns how many items are assessed again.
 */
export async function mendMergedNames(
  bus: Bus,
  deps: AggregatorDeps,
  stopping: AbortSignal,
): Promise<number> {
  const [known] = await deps.sql`select from mends where name = ${name}`;
  if (known) return 0;
  const [request] = await deps.sql`select from requests limit 1`;
  let mended = 0;
  if (request) {
    const { lastSequence: toSequence } = await streamIdentity(bus);
    await readEventLogUpTo(
      bus,
      { fromSequence: 1, toSequence, batchMax, signal: stopping },
      async (batch) => {
        for (const { subject, payload } of batch) {
          if (subject.startsWith(`${requestSubmitted.type}.`)) mended += await mendRequest(payload, deps);
        }
      },
    );
  }
  if (stopping.aborted) return mended;
  await deps.sql`insert into mends (name) values (${name}) on conflict do nothing`;
  if (mended > 0) deps.log.warn({ items: mended }, 'items under merged names are assessed again');
  return mended;
}

async function mendRequest(payload: string, deps: AggregatorDeps): Promise<number> {
  const data = submittedIn(payload);
  if (!data) return 0;
  // A list that is gone cannot say which names its lockfile had.
  const list = await readList(data.listDigest, deps).catch(() => null);
  const wanted = (list?.items ?? []).flatMap(({ purl }, ordinal) =>
    purl !== null && purl !== purl.toLowerCase() ? [{ ordinal, purl }] : [],
  );
  if (wanted.length === 0) return 0;
  return transact(deps, 'mend merged names', (tx) => mendItems(tx, data.requestId, wanted, deps));
}

/** An event that no consumer could read is no request either. */
function submittedIn(payload: string): Submitted | null {
  try {
    return requestSubmitted.schema.parse(decodeEnvelope(payload).data);
  } catch {
    return null;
  }
}

interface StoredItem {
  ordinal: number;
  outcome: ItemOutcome | null;
}

async function mendItems(
  tx: Tx,
  requestId: string,
  named: { ordinal: number; purl: string }[],
  deps: AggregatorDeps,
): Promise<number> {
  const purls = new Map(named.map(({ ordinal, purl }) => [ordinal, purl]));
  const stored = await tx<(StoredItem & { purl: string })[]>`
    select ordinal, outcome, purl from items
    where request_id = ${requestId} and ordinal = any(${[...purls.keys()]}::int[]) order by ordinal for update`;
  const merged = stored.filter(({ ordinal, purl }) => purl !== purls.get(ordinal));
  if (merged.length === 0) return 0;
  const [open] = await tx<{ state: string }[]>`select state from requests where id = ${requestId} for update`;
  // A cancelled request is waited for no more, and one that was given up has no outcome to correct.
  if (open?.state !== 'open' && open?.state !== 'completed') return 0;
  const request = await reopenItems(tx, requestId, merged);
  const wanted: Wanted = new Map();
  for (const { ordinal } of merged) {
    const purl = purls.get(ordinal)!;
    wantIn(wanted, purl, request.lane, request.scope);
    await tx`update items set purl = ${purl} where request_id = ${requestId} and ordinal = ${ordinal}`;
  }
  const ordinals = merged.map(({ ordinal }) => ordinal);
  const facts = reopenedFacts(
    { id: requestId, ...request },
    byHand,
    request.round,
    ordinals,
    deps.now(),
    ordinals.map((ordinal) => purls.get(ordinal)!),
  );
  await addToOutbox(tx, [...facts, ...(await assessAll(tx, wanted, deps))]);
  return merged.length;
}
