import {
  submissionSchema,
  type EventData,
  type SubmissionItem,
  type requestSubmitted,
} from '@sluice/contracts';
import type { Received } from '@sluice/messaging';
import { addToOutbox, claimEvents, type OutboxMessage, type Tx } from '@sluice/postgres';
import { assessAll } from './assess-packages.ts';
import { endItems, progressRequest } from './credit-items.ts';
import type { AggregatorDeps } from './deps.ts';
import { transact } from './transact.ts';

type Submitted = EventData<typeof requestSubmitted>;

/** 20,000 items of some hundred bytes; see the gateway's own limit on submissions. */
const listMaxBytes = 64 * 1024 * 1024;

/** Takes requests in: each becomes items, and each package version is credited, joined or newly assessed. */
export function onRequestSubmitted(deps: AggregatorDeps) {
  return async (batch: Received<Submitted>[]): Promise<void> => {
    // One transaction a request: lists are large, and one that cannot be read must not hold up the others.
    for (const { event, traceparent } of batch) {
      const list = submissionSchema.parse(
        JSON.parse((await deps.artifacts.read(event.data.listDigest, listMaxBytes)).toString('utf8')),
      );
      await transact(deps, 'on request submitted', async (tx) => {
        const fresh = await claimEvents(tx, 'aggregator/request-submitted', [event.id]);
        if (!fresh.has(event.id)) return;
        await addToOutbox(tx, await takeIn(tx, event.data, list.items, traceparent, deps));
      });
    }
  };
}

async function takeIn(
  tx: Tx,
  request: Submitted,
  items: SubmissionItem[],
  traceparent: string | undefined,
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  const now = deps.now();
  await tx`
    insert into requests (id, lane, requester, item_count, open_items, traceparent, submitted_at)
    values (${request.requestId}, ${request.lane}, ${request.requester}, ${items.length}, ${items.length},
      ${traceparent ?? null}, ${request.submittedAt})`;
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
  const messages = await endItems(tx, unassessable, now);
  const purls = [
    ...new Set(items.flatMap((item) => (item.unassessable || !item.purl ? [] : [item.purl]))),
  ].toSorted();
  messages.push(...(await assessAll(tx, purls, request.lane, deps)));
  // A lockfile without dependencies has no last item to end with.
  if (items.length === 0) messages.push(...(await progressRequest(tx, request.requestId, [], now)));
  return messages;
}
