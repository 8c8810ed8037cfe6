import {
  submissionSchema,
  uuidV7,
  type DownloadEvidence,
  type EventData,
  type Lane,
  type SubmissionItem,
  type Verdict,
  type requestSubmitted,
} from '@sluice/contracts';
import type { Received } from '@sluice/messaging';
import { addToOutbox, claimEvents, type OutboxMessage, type Tx } from '@sluice/postgres';
import { newTraceparent } from '@sluice/runtime';
import { creditItems, endItems, progressRequest } from './credit-items.ts';
import type { AggregatorDeps } from './deps.ts';
import { requestedFact } from './facts.ts';
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

/** Credits fresh assessments, joins running ones and starts the rest. */
async function assessAll(
  tx: Tx,
  purls: string[],
  lane: Lane,
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  if (purls.length === 0) return [];
  await tx`insert into packages (purl) select unnest(${purls}::text[]) on conflict do nothing`;
  const messages: OutboxMessage[] = [];
  let open = purls;
  while (open.length > 0) {
    const joined = await joinRunning(tx, open, lane, deps);
    messages.push(...joined.messages);
    open = open.filter((purl) => !joined.purls.has(purl));
    const credited = await creditFresh(tx, open, deps);
    messages.push(...credited.messages);
    open = open.filter((purl) => !credited.purls.has(purl));
    const started = await startNew(tx, open, lane, deps);
    messages.push(...started.messages);
    // What is left was started by somebody else this very moment: look again, now it can be joined or credited.
    open = open.filter((purl) => !started.purls.has(purl));
  }
  return messages;
}

interface Taken {
  purls: Set<string>;
  messages: OutboxMessage[];
}

/**
 * The lock makes this transaction and one that is ending the assessment wait for each other: either it sees our items
 * and credits them, or we see that it has ended.
 */
async function joinRunning(tx: Tx, purls: string[], lane: Lane, deps: AggregatorDeps): Promise<Taken> {
  const rows = await tx<
    {
      id: string;
      purl: string;
      lane: Lane;
      attempt: number;
      traceparent: string;
      requestedAt: Date;
      deadlineAt: Date;
    }[]
  >`
    select id, purl, lane, attempt, traceparent, requested_at as "requestedAt", deadline_at as "deadlineAt"
    from assessments where state = 'running' and purl = any(${purls}::text[]) order by id for update`;
  const promoted = lane === 'interactive' ? rows.filter((row) => row.lane === 'bulk') : [];
  if (promoted.length > 0) {
    // Somebody waits now for what was only bulk: it is asked for again in the fast lane; whichever comes first counts.
    await tx`update assessments set lane = 'interactive' where id = any(${promoted.map((row) => row.id)}::uuid[])`;
  }
  const messages = promoted.map((row) =>
    requestedFact(
      { ...row, lane: 'interactive' },
      deps.now(),
      new Date(deps.now().getTime() + deps.stageDeadlineMs),
    ),
  );
  return { purls: new Set(rows.map((row) => row.purl)), messages };
}

async function creditFresh(tx: Tx, purls: string[], deps: AggregatorDeps): Promise<Taken> {
  const now = deps.now();
  const since = new Date(now.getTime() - deps.policy.assessment.freshHours * 3_600_000);
  const credits = await tx<
    { purl: string; assessmentId: string; verdict: Verdict; download: DownloadEvidence | null }[]
  >`
    select p.purl, a.id as "assessmentId", a.verdict, a.download
    from packages p join assessments a on a.id = p.assessment_id
    where p.purl = any(${purls}::text[]) and p.assessed_at > ${since} and a.verdict ->> 'policyVersion' = ${deps.policy.digest}
      -- What had no advisories to be compared with is looked at again once there are some.
      and not (a.scan -> 'advisories' ->> 'status' = 'missing' and exists (
        select from advisory_sets s where s.record_count > 0 and p.purl like 'pkg:' || s.ecosystem || '/%'))`;
  return {
    purls: new Set(credits.map((credit) => credit.purl)),
    messages: await creditItems(tx, credits, now),
  };
}

async function startNew(tx: Tx, purls: string[], lane: Lane, deps: AggregatorDeps): Promise<Taken> {
  if (purls.length === 0) return { purls: new Set(), messages: [] };
  const now = deps.now();
  const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
  const rows = await tx<{ id: string; purl: string; lane: Lane; attempt: number; traceparent: string }[]>`
    insert into assessments (id, purl, lane, traceparent, requested_at, deadline_at)
    select id, purl, ${lane}, traceparent, ${now}, ${deadline}
    from unnest(
      ${purls.map(() => uuidV7(now.getTime()))}::uuid[], ${purls}::text[],
      ${purls.map(() => newTraceparent(deps.tracer))}::text[]) as e (id, purl, traceparent)
    on conflict (purl) where state = 'running' do nothing
    returning id, purl, lane, attempt, traceparent`;
  return {
    purls: new Set(rows.map((row) => row.purl)),
    messages: rows.map((row) => requestedFact(row, now, deadline)),
  };
}
