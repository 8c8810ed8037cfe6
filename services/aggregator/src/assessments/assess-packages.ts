import { stageNames, uuidV7, type DownloadEvidence, type Lane, type Verdict } from '@sluice/contracts';
import { columnsOf, type Tx } from '@sluice/postgres';
import type { OutboxMessage } from '@sluice/delivery';
import { newTraceparent } from '@sluice/runtime';
import type { Assessment } from './assessment.ts';
import { creditItems, type Credit } from '../requests/credit-items.ts';
import type { AggregatorDeps } from '../deps.ts';
import { requestedFact } from '../facts/package-facts.ts';
import { slices } from '../slices.ts';

/** Adds a package version to those that are wanted; of two lanes, the fast one counts. */
export function wantIn(wanted: Map<string, Lane>, purl: string, lane: Lane): void {
  if (lane === 'interactive' || !wanted.has(purl)) wanted.set(purl, lane);
}

/** Package versions looked up at once: urgent work gets its turn between the slices of a large request. */
const sliceMax = 1_000;

/**
 * Credits fresh assessments, joins those in flight and begins the rest: in the fast lane at once, in the slow one when
 * their turn comes (`admitBulk`).
 * @param wanted package versions, each with the fastest lane of those who wait for it.
 */
export async function assessAll(
  tx: Tx,
  wanted: ReadonlyMap<string, Lane>,
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  const messages: OutboxMessage[] = [];
  // In one order everywhere: two transactions that begin the same package versions wait for each other in turn.
  for (const slice of slices([...wanted.keys()].toSorted(), sliceMax)) {
    for (const message of await assessSlice(tx, slice, wanted, deps)) messages.push(message);
  }
  return messages;
}

async function assessSlice(
  tx: Tx,
  purls: string[],
  wanted: ReadonlyMap<string, Lane>,
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  const messages: OutboxMessage[] = [];
  let open = purls;
  while (open.length > 0) {
    const { inFlight, fresh } = await lookUp(tx, open, deps);
    const joined = new Set(inFlight.map(({ purl }) => purl));
    const slower = inFlight.filter(({ purl, lane }) => lane === 'bulk' && wanted.get(purl) === 'interactive');
    messages.push(...(await promote(tx, slower, deps)));
    const credits = fresh.filter(({ purl }) => !joined.has(purl));
    messages.push(...(await creditItems(tx, credits, deps)));
    const credited = new Set(credits.map(({ purl }) => purl));
    const missing = open.filter((purl) => !joined.has(purl) && !credited.has(purl));
    const started = await startNew(tx, missing, wanted, deps);
    messages.push(...started.messages);
    // The rest was begun by another transaction this very moment: look again, now it can be joined or credited.
    open = missing.filter((purl) => !started.purls.has(purl));
  }
  return messages;
}

type InFlight = Pick<Assessment, 'id' | 'purl' | 'lane' | 'attempt' | 'traceparent'>;

/**
 * Looks up which package versions are in flight and which were assessed lately. The statements are sent together and
 * done in this order, so that an assessment that ends while its lock is waited for is found by the last one.
 */
async function lookUp(
  tx: Tx,
  purls: string[],
  deps: AggregatorDeps,
): Promise<{ inFlight: InFlight[]; fresh: Credit[] }> {
  const since = new Date(deps.now().getTime() - deps.policy.assessment.freshHours * 3_600_000);
  const column = columnsOf(tx, purls);
  const [, inFlight, fresh] = await Promise.all([
    tx`insert into packages (purl) select unnest(${column((purl) => purl)}) on conflict do nothing`,
    // The lock makes this transaction and one that is ending the assessment wait for each other: either it sees our
    // items and credits them, or we see that it has ended.
    tx<InFlight[]>`
      select id, purl, lane, attempt, traceparent
      from assessments where state in ('waiting', 'running') and purl = any(${purls}::text[]) order by id for update`,
    tx<{ purl: string; assessmentId: string; verdict: Verdict; download: DownloadEvidence | null }[]>`
      select p.purl, a.id as "assessmentId", a.verdict, a.download
      from packages p join assessments a on a.id = p.assessment_id
      where p.purl = any(${purls}::text[]) and p.assessed_at > ${since}
        -- A verdict that time has changed is none to credit.
        and (p.wake_at is null or p.wake_at > ${deps.now()})
        and a.verdict ->> 'policyVersion' = ${deps.policy.digest}
        -- What had no advisories to be compared with is looked at again once there are some.
        and not (a.scan -> 'advisories' ->> 'status' = 'missing' and exists (
          select from advisory_sets s where s.record_count > 0 and p.purl like 'pkg:' || s.ecosystem || '/%'))`,
  ]);
  return { inFlight, fresh };
}

/**
 * Moves assessments to the fast lane because an interactive request waits for them now. One whose turn has not come begins
 * there. One that runs is asked for again there; whichever message comes first counts. The rows are locked by the caller.
 */
export async function promote(
  tx: Tx,
  rows: Pick<Assessment, 'id' | 'purl' | 'attempt' | 'traceparent'>[],
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  if (rows.length === 0) return [];
  const now = deps.now();
  const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
  await tx`
    update assessments set lane = 'interactive', state = 'running', stage = ${stageNames[0]}, late_mark = null,
      deadline_at = ${deadline}
    where id = any(${rows.map((row) => row.id)}::uuid[])`;
  return rows.map((row) => requestedFact({ ...row, lane: 'interactive' }, now, deadline));
}

async function startNew(
  tx: Tx,
  purls: string[],
  wanted: ReadonlyMap<string, Lane>,
  deps: AggregatorDeps,
): Promise<{ purls: Set<string>; messages: OutboxMessage[] }> {
  if (purls.length === 0) return { purls: new Set(), messages: [] };
  const now = deps.now();
  const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
  const column = columnsOf(tx, purls);
  const rows = await tx<InFlight[]>`
    insert into assessments (id, purl, lane, state, traceparent, requested_at, deadline_at)
    select id, purl, lane, case lane when 'bulk' then 'waiting' else 'running' end, traceparent, ${now}, ${deadline}
    from unnest(
      ${column(() => uuidV7(now.getTime()))}::uuid[], ${column((purl) => purl)}, ${column((purl) => wanted.get(purl)!)},
      ${column(() => newTraceparent(deps.tracer))}) as e (id, purl, lane, traceparent)
    on conflict (purl) where state in ('waiting', 'running') do nothing
    returning id, purl, lane, attempt, traceparent`;
  return {
    purls: new Set(rows.map((row) => row.purl)),
    // In no order: lists come in alphabetical order, in which the packages that take longest (typescript, webpack) are
    // among the last, and would end last.
    messages: rows
      .filter(({ lane }) => lane === 'interactive')
      .map((row) => requestedFact(row, now, deadline))
      .sort(byEventId),
  };
}

const byEventId = (a: OutboxMessage, b: OutboxMessage) => (a.eventId < b.eventId ? -1 : 1);
