import { stageNames, uuidV7, type Lane } from '@sluice/contracts';
import { columnsOf, type Tx } from '@sluice/postgres';
import type { OutboxMessage } from '@sluice/delivery';
import { newTraceparent } from '@sluice/runtime';
import type { Assessment } from './assessment.ts';
import { creditItems, keyOf, type Credit } from '../requests/credit-items.ts';
import type { AggregatorDeps } from '../deps.ts';
import { requestedFact } from '../facts/package-facts.ts';
import { lockPackages, type PackageRow } from '../packages/decide-packages.ts';
import { freshSince, judgeRecorded, lacksAdvisories } from '../packages/judge-recorded.ts';
import { slices } from '../slices.ts';

/** Package versions that are wanted, each in the fastest lane and in the scopes of those who wait for it. */
export type Wanted = Map<string, { lane: Lane; scopes: Set<string> }>;

/** Adds a package version to those that are wanted; of two lanes, the fast one counts. */
export function wantIn(wanted: Wanted, purl: string, lane: Lane, scope: string): void {
  const known = wanted.get(purl);
  if (!known) {
    wanted.set(purl, { lane, scopes: new Set([scope]) });
    return;
  }
  known.scopes.add(scope);
  if (lane === 'interactive') known.lane = lane;
}

/** A package version in a scope. */
interface Scoped {
  purl: string;
  scope: string;
}

type ScopedCredit = Credit & Scoped;

/** Package versions looked up at once: urgent work gets its turn between the slices of a large request. */
const sliceMax = 1_000;

/**
 * Credits fresh verdicts, judges fresh evidence in scopes that have no verdict yet, joins assessments in flight and begins
 * the rest: in the fast lane at once, in the slow one when their turn comes (`admitBulk`).
 */
export async function assessAll(tx: Tx, wanted: Wanted, deps: AggregatorDeps): Promise<OutboxMessage[]> {
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
  wanted: Wanted,
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  const messages: OutboxMessage[] = [];
  let open = purls.flatMap((purl) =>
    [...wanted.get(purl)!.scopes].toSorted().map((scope) => ({ purl, scope })),
  );
  while (open.length > 0) {
    const { inFlight, fresh, locked } = await lookUp(tx, open, deps);
    const joined = new Set(inFlight.map(({ purl }) => purl));
    const slower = inFlight.filter(
      ({ purl, lane }) => lane === 'bulk' && wanted.get(purl)!.lane === 'interactive',
    );
    messages.push(...(await promote(tx, slower, deps)));
    open = open.filter(({ purl }) => !joined.has(purl));
    const judged = await judgeUnjudged(tx, open, locked, deps);
    messages.push(...judged.messages);
    const credits = [...fresh.filter(({ purl }) => !joined.has(purl)), ...judged.credits];
    messages.push(...(await creditItems(tx, credits, deps)));
    const credited = new Set(credits.map(keyOf));
    open = open.filter((pair) => !credited.has(keyOf(pair)));
    const missing = [...new Set(open.map(({ purl }) => purl))];
    const started = await startNew(tx, missing, wanted, deps);
    messages.push(...started.messages);
    // The rest was begun by another transaction this very moment: look again, now it can be joined or credited.
    open = open.filter(({ purl }) => !started.purls.has(purl));
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
  wanted: Scoped[],
  deps: AggregatorDeps,
): Promise<{ inFlight: InFlight[]; fresh: ScopedCredit[]; locked: PackageRow[] }> {
  const purls = [...new Set(wanted.map(({ purl }) => purl))];
  const scopes = [...new Set(wanted.map(({ scope }) => scope))];
  const column = columnsOf(tx, wanted);
  const [, inFlight] = await Promise.all([
    tx`
      insert into packages (purl, scope)
      select * from unnest(${column(({ purl }) => purl)}, ${column(({ scope }) => scope)}) on conflict do nothing`,
    // The lock makes this transaction and one that is ending the assessment wait for each other: either it sees our
    // items and credits them, or we see that it has ended.
    tx<InFlight[]>`
      select id, purl, lane, attempt, traceparent
      from assessments where state in ('waiting', 'running') and purl = any(${purls}::text[]) order by id for update`,
  ]);
  // Where there is one scope, every verdict is of that one. Where there are more, two transactions could judge the same
  // evidence in the same scope.
  const locked = deps.scopes.size > 1 ? await lockPackages(tx, purls) : [];
  const judged = await tx<(ScopedCredit & { endedAt: Date })[]>`
      select p.purl, p.scope, a.id as "assessmentId", a.ended_at as "endedAt", a.download,
        -- By its key, in any plan.
        (select v.verdict from verdicts v where v.assessment_id = a.id and v.scope = p.scope) as verdict
      from packages p join assessments a on a.id = p.assessment_id
      where p.purl = any(${purls}::text[]) and p.scope = any(${scopes}::text[])
        -- A verdict that time has changed is none to credit.
        and (p.wake_at is null or p.wake_at > ${deps.now()})
        -- What had no advisories to be compared with is looked at again once there are some.
        and not ${lacksAdvisories(tx)}`;
  const keys = new Set(wanted.map(keyOf));
  const fresh = judged.filter((credit) => keys.has(keyOf(credit)) && isFresh(credit, deps));
  return { inFlight, fresh, locked };
}

/** Whether a verdict is of the present policy of its scope, and of evidence that is fresh enough for it. */
function isFresh(
  { scope, endedAt, verdict }: ScopedCredit & { endedAt: Date },
  deps: AggregatorDeps,
): boolean {
  const since = freshSince(scope, deps);
  return since !== null && endedAt > since && verdict?.policyVersion === deps.scopes.get(scope)!.digest;
}

/** Judges those of the wanted package versions that another scope had assessed, and that have no verdict in theirs. */
async function judgeUnjudged(
  tx: Tx,
  wanted: Scoped[],
  locked: PackageRow[],
  deps: AggregatorDeps,
): Promise<{ credits: ScopedCredit[]; messages: OutboxMessage[] }> {
  const keys = new Set(wanted.map(keyOf));
  const unjudged = locked.filter((row) => row.assessmentId === null && keys.has(keyOf(row)));
  const { decided, messages } = await judgeRecorded(tx, unjudged, locked, deps, 'fresh');
  const credits = decided.map(({ row: { purl, scope }, assessment, verdict }) => ({
    purl,
    scope,
    assessmentId: assessment.id,
    verdict,
    download: assessment.download,
  }));
  return { credits, messages };
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
  wanted: Wanted,
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
      ${column(() => uuidV7(now.getTime()))}::uuid[], ${column((purl) => purl)}, ${column((purl) => wanted.get(purl)!.lane)},
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
