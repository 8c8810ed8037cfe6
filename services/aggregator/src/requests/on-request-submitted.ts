import {
  TransientError,
  errorCodeOf,
  isCoded,
  readSubmission,
  requireScope,
  type Submission,
} from '@sluice/contracts';
import { addToOutbox, claimEvents, type Received } from '@sluice/delivery';
import type { AggregatorDeps } from '../deps.ts';
import { openRequests, takeIn, type ListedRequest, type Submitted } from './take-in-requests.ts';
import { transact } from '../transact.ts';

/** 20,000 items of some hundred bytes; see the gateway's own limit on submissions. */
const listMaxBytes = 64 * 1024 * 1024;

/** Lists read at once: enough to hide the store's latency, few enough for memory. */
const readsMax = 8;
/** Items that share a transaction, at most, so that it stays short; a larger request has one of its own. */
const sharedItemsMax = 2_000;

/**
 * Takes requests in: each becomes items, and each package version is credited, joined or newly assessed. Requests that
 * come together share a transaction. One whose list cannot be read, or whose scope is not known, does not hold up the
 * others: they are taken in, and then the batch fails and is settled one by one.
 */
export function onRequestSubmitted(deps: AggregatorDeps) {
  return async (batch: Received<Submitted>[]): Promise<void> => {
    const failures: unknown[] = [];
    for (const group of groupBySize(batch)) {
      const listed = await readLists(group, deps, failures);
      if (listed.length > 0) await takeInOnce(listed, deps);
    }
    if (failures.length > 0) throw failures[0];
  };
}

/** Groups of requests in their order. Their sizes are known from their events, before any list is in memory. */
function groupBySize(batch: Received<Submitted>[]): Received<Submitted>[][] {
  const groups: Received<Submitted>[][] = [];
  let items = Infinity;
  for (const received of batch) {
    const { itemCount } = received.event.data;
    if (items + itemCount > sharedItemsMax) {
      groups.push([]);
      items = 0;
    }
    groups.at(-1)!.push(received);
    items += itemCount;
  }
  return groups;
}

interface Listed extends ListedRequest {
  eventId: string;
}

/** Reads the lists of requests; why one cannot be taken in is added to the failures. */
async function readLists(
  group: Received<Submitted>[],
  deps: AggregatorDeps,
  failures: unknown[],
): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (let start = 0; start < group.length; start += readsMax) {
    const reads = group.slice(start, start + readsMax).map(async ({ event, traceparent }) => {
      requireScope(event.data.scope, deps.scopes);
      const { items } = await readList(event.data.listDigest, deps);
      return { eventId: event.id, data: event.data, traceparent, items };
    });
    for (const read of await Promise.allSettled(reads)) {
      if (read.status === 'fulfilled') listed.push(read.value);
      else failures.push(read.reason);
    }
  }
  return listed;
}

/** Takes in those requests that were not taken in before. */
async function takeInOnce(listed: Listed[], deps: AggregatorDeps): Promise<void> {
  await transact(deps, 'on request submitted', async (tx) => {
    const eventIds = listed.map(({ eventId }) => eventId);
    const [fresh, rounds] = await Promise.all([
      claimEvents(tx, 'aggregator/request-submitted', eventIds),
      openRequests(tx, listed),
    ]);
    const opened = new Map<string, ListedRequest & { round: number }>();
    for (const { eventId, ...request } of listed) {
      const round = rounds.get(request.data.requestId);
      if (round !== undefined && fresh.has(eventId))
        opened.set(request.data.requestId, { ...request, round });
    }
    if (opened.size > 0) await addToOutbox(tx, await takeIn(tx, [...opened.values()], deps));
  });
  if (listed.some(({ data }) => data.lane === 'bulk')) deps.wakeBulk();
}

/**
 * A list that is not there may be on its way: a share that is not mounted yet, a backup that is being played back.
 * @throws TransientError `request.list-unreadable`; errors of an unavailable store.
 */
export async function readList(
  digest: string,
  { artifacts }: Pick<AggregatorDeps, 'artifacts'>,
): Promise<Submission> {
  try {
    return readSubmission(JSON.parse((await artifacts.read(digest, listMaxBytes)).toString('utf8')));
  } catch (cause) {
    if (errorCodeOf(cause) === 'artifact.unavailable') throw cause;
    const why = isCoded(cause) ? cause.message : 'It is no list.';
    throw new TransientError('request.list-unreadable', `The list ${digest} cannot be read: ${why}`, {
      cause,
    });
  }
}
