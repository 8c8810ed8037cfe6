import { uuidV7, type DownloadEvidence, type Lane, type Verdict } from '@sluice/contracts';
import type { OutboxMessage, Tx } from '@sluice/postgres';
import { newTraceparent } from '@sluice/runtime';
import type { Assessment } from './assessment.ts';
import { creditItems } from './credit-items.ts';
import type { AggregatorDeps } from './deps.ts';
import { requestedFact } from './facts.ts';

/** Credits fresh assessments, joins running ones and starts the rest. */
export async function assessAll(
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
  const rows = await tx<Pick<Assessment, 'id' | 'purl' | 'lane' | 'attempt' | 'traceparent'>[]>`
    select id, purl, lane, attempt, traceparent
    from assessments where state = 'running' and purl = any(${purls}::text[]) order by id for update`;
  const slower = lane === 'interactive' ? rows.filter((row) => row.lane === 'bulk') : [];
  return { purls: new Set(rows.map((row) => row.purl)), messages: await promote(tx, slower, deps) };
}

/**
 * Moves running assessments to the fast lane because somebody waits for them now. They are asked for again there;
 * whichever message comes first counts. The rows are locked by the caller.
 */
export async function promote(
  tx: Tx,
  rows: Pick<Assessment, 'id' | 'purl' | 'attempt' | 'traceparent'>[],
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  if (rows.length === 0) return [];
  await tx`update assessments set lane = 'interactive' where id = any(${rows.map((row) => row.id)}::uuid[])`;
  const now = deps.now();
  const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
  return rows.map((row) => requestedFact({ ...row, lane: 'interactive' }, now, deadline));
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
