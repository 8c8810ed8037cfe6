import {
  PermanentError,
  TransientError,
  submissionSchema,
  type EventData,
  type Submission,
  type SubmissionItem,
  type requestSubmitted,
} from '@sluice/contracts';
import type { Received } from '@sluice/messaging';
import { addToOutbox, claimEvents, type OutboxMessage, type Tx } from '@sluice/postgres';
import { assessAll } from './assess-packages.ts';
import { endItems, progressRequest } from './credit-items.ts';
import type { AggregatorDeps } from './deps.ts';
import { reopenedFacts } from './request-facts.ts';
import { transact } from './transact.ts';

export type Submitted = EventData<typeof requestSubmitted>;

/** 20,000 items of some hundred bytes; see the gateway's own limit on submissions. */
const listMaxBytes = 64 * 1024 * 1024;

/** Takes requests in: each becomes items, and each package version is credited, joined or newly assessed. */
export function onRequestSubmitted(deps: AggregatorDeps) {
  return async (batch: Received<Submitted>[]): Promise<void> => {
    // One transaction a request: lists are large, and one that cannot be read must not hold up the others.
    for (const { event, traceparent } of batch) {
      const { items } = await readList(event.data.listDigest, deps);
      await transact(deps, 'on request submitted', async (tx) => {
        const fresh = await claimEvents(tx, 'aggregator/request-submitted', [event.id]);
        if (!fresh.has(event.id)) return;
        await addToOutbox(tx, await takeIn(tx, event.data, items, traceparent, deps));
      });
    }
  };
}

/**
 * A list that is not there may be on its way: a share that is not mounted yet, a backup that is being played back.
 * @throws TransientError `request.list-unreadable`, and what says that the store is not available.
 */
async function readList(digest: string, { artifacts }: AggregatorDeps): Promise<Submission> {
  try {
    return submissionSchema.parse(JSON.parse((await artifacts.read(digest, listMaxBytes)).toString('utf8')));
  } catch (cause) {
    if (cause instanceof TransientError) throw cause;
    const why = cause instanceof PermanentError ? cause.message : 'It is no list.';
    throw new TransientError('request.list-unreadable', `The list ${digest} cannot be read: ${why}`, {
      cause,
    });
  }
}

async function takeIn(
  tx: Tx,
  request: Submitted,
  items: SubmissionItem[],
  traceparent: string | undefined,
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  const now = deps.now();
  const messages = await openRequest(tx, request, items.length, traceparent, now);
  if (messages === null) return [];
  await tx`
    insert into items (request_id, ordinal, purl, integrity)
    select ${request.requestId}, (ordinality - 1)::int, purl, integrity
    from unnest(
      ${items.map((item) => (item.unassessable ? null : item.purl))}::text[],
      ${items.map((item) => item.integrity)}::text[]) with ordinality as e (purl, integrity, ordinality)`;
  const unassessable = items.flatMap((item, ordinal) =>
    item.unassessable || !item.purl
      ? [
          {
            requestId: request.requestId,
            ordinal,
            assessmentId: null,
            outcome: 'unassessable' as const,
            reasons: item.unassessable ? [item.unassessable] : [],
          },
        ]
      : [],
  );
  messages.push(...(await endItems(tx, unassessable, now)));
  const purls = [
    ...new Set(items.flatMap((item) => (item.unassessable || !item.purl ? [] : [item.purl]))),
  ].toSorted();
  messages.push(...(await assessAll(tx, purls, request.lane, deps)));
  // A lockfile without dependencies has no last item to end with.
  if (items.length === 0) messages.push(...(await progressRequest(tx, request.requestId, [], now)));
  return messages;
}

/** Whoever had its event redriven is in the audit, not here. */
const redriven = { by: 'aggregator', reason: 'The list of the request can be read again.' };

/**
 * A request that was given up is opened again, as another round: its dead letter was redriven.
 * @returns null for a request that was taken in long ago, when the inbox does not remember it any more.
 */
async function openRequest(
  tx: Tx,
  request: Submitted,
  itemCount: number,
  traceparent: string | undefined,
  now: Date,
): Promise<OutboxMessage[] | null> {
  const { requestId: id, lane, requester, submittedAt } = request;
  const [opened] = await tx<{ round: number }[]>`
    insert into requests (id, lane, requester, item_count, open_items, traceparent, submitted_at)
    values (${id}, ${lane}, ${requester}, ${itemCount}, ${itemCount}, ${traceparent ?? null}, ${submittedAt})
    on conflict (id) do update set state = 'open', round = requests.round + 1, item_count = excluded.item_count,
      open_items = excluded.open_items, counts = '{}', completed_at = null
    where requests.state = 'failed'
    returning round`;
  if (!opened) return null;
  const { round } = opened;
  if (round === 1) return [];
  const ordinals = Array.from({ length: itemCount }, (_, ordinal) => ordinal);
  return reopenedFacts({ id, lane, traceparent: traceparent ?? null }, redriven, round, ordinals, now);
}
