import {
  PermanentError,
  decisionSchema,
  requireScope,
  verdictSchema,
  type DecideInput,
  type DecideOutput,
  type Decision,
  type DownloadEvidence,
  type Lane,
  type Look,
  type RegistryEvidence,
  type Verdict,
} from '@sluice/contracts';
import { mayOverride, type Policy } from '@sluice/policy';
import { Counter } from 'prom-client';
import { addToOutbox, recordAudit, type OutboxMessage } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { digestsOf, hasEnded } from '../packages/decide.ts';
import {
  lockPackages,
  recordDecisions,
  wakeTime,
  type PackageRow as ScopedRow,
} from '../packages/decide-packages.ts';
import { judgeRecorded } from '../packages/judge-recorded.ts';
import { releaseOf } from '../packages/release-of.ts';
import type { AggregatorDeps } from '../deps.ts';
import { decisionEndedFact, decisionFact, endorsedFact } from '../facts/package-facts.ts';
import { transact } from '../transact.ts';
import { requireEyes } from './require-eyes.ts';

const emergencyApprovals = new Counter({
  name: 'sluice_emergency_approvals_total',
  help: 'Approvals past the four eyes of the policy.',
});

interface PackageRow {
  assessmentId: string | null;
  decision: unknown;
  sequence: number;
  lane: Lane | null;
  traceparent: string | null;
  verdict: unknown;
  registry: RegistryEvidence | null;
  download: DownloadEvidence | null;
  requestedAt: Date | null;
  running: boolean;
}

interface Hooks {
  looked?: (now: Look) => void;
  beforeCommit?: (decision: Decision | null) => void;
}

/**
 * A person's decision on a package version in a scope. Answered after its transaction committed; an impossible decision is
 * refused with a code that says why.
 * @param look as the decider saw it; null for `input.assessmentId` alone.
 * @param hooks `looked` is called with what the decision would be on, `beforeCommit` with the decision before it is durable, or with null for an
 * approval that waits for another person's; an error that it throws takes it back.
 */
export async function decidePackage(
  state: 'approved' | 'rejected',
  input: DecideInput,
  deps: AggregatorDeps,
  look: Look | null = null,
  { looked, beforeCommit }: Hooks = {},
): Promise<DecideOutput> {
  const done = await transact(deps, `command ${state}`, async (tx) => {
    const now = deps.now();
    const { purl, scope } = input;
    requireScope(scope, deps.scopes);
    const judged = await judgeFirst(tx, input, deps);
    const row = await readPackage(tx, input);
    looked?.({ assessmentId: row.assessmentId, sequence: row.sequence });
    if (look) requireAsLooked(row, look);
    const policy = deps.scopes.get(scope)!;
    const { assessmentId, holds, over, verdict, sequence } = check(row, state, input, policy, now);
    const about = {
      assessmentId,
      purl,
      scope,
      lane: row.lane ?? 'interactive',
      traceparent: row.traceparent ?? '',
    };
    const eyes = await requireEyes(tx, state, input, { policy, verdict, sequence, about }, now);
    if ('needsSecond' in eyes) {
      const facts = eyes.isNew ? [endorsedFact(about, eyes.needsSecond, input, now)] : [];
      await addToOutbox(tx, [...judged, ...facts]);
      beforeCommit?.(null);
      return { needsSecond: `${input.by} has approved it. The policy wants another person to do so.` };
    }
    const decision: Decision = {
      state,
      by: { kind: 'person', name: input.by },
      reason: input.reason,
      at: now.toISOString(),
      until: eyes.until,
      sequence: sequence + 1,
      digests: digestsOf(row.download),
      ...(eyes.endorsedBy.length > 0 ? { endorsedBy: eyes.endorsedBy } : {}),
      ...(input.emergency ? { emergency: { ticket: input.emergency.ticket } } : {}),
    };
    await tx`
      update packages set decision = ${JSON.stringify(decision)}::text::json, decision_sequence = ${decision.sequence},
        wake_at = ${wakeTime(decision, verdict)}
      where purl = ${purl} and scope = ${scope}`;
    await recordDecisions(tx, [{ purl, scope, assessmentId, decision }]);
    await recordAudit(tx, 'aggregator', {
      actor: input.by,
      action: input.emergency ? 'approve-emergency' : state === 'approved' ? 'approve' : 'reject',
      subject: purl,
      detail: {
        scope,
        reason: input.reason,
        until: decision.until,
        before: holds,
        ...(input.emergency ? { ticket: input.emergency.ticket } : {}),
        ...(eyes.endorsedBy.length > 0 ? { endorsedBy: eyes.endorsedBy } : {}),
      },
    });
    // The end that nothing has noticed yet comes before the decision that follows it.
    const endedFacts = over ? [decisionEndedFact(about, over, now)] : [];
    const release = row.requestedAt && releaseOf({ ...row, requestedAt: row.requestedAt }, decision);
    await addToOutbox(tx, [...judged, ...endedFacts, decisionFact(about, decision, release)]);
    beforeCommit?.(decision);
    return { purl, scope, assessmentId, decision };
  });
  // An approval that waits for another one is kept, so that it is told after the commit.
  if ('needsSecond' in done) throw new PermanentError('decision.needs-second', done.needsSecond);
  if (done.decision.emergency) emergencyApprovals.inc();
  return done;
}

/**
 * Locks the package version. In a scope that has no verdict on it, it is judged first, by what another scope had assessed.
 * @returns the facts of that.
 * @throws PermanentError `package.not-found`.
 */
async function judgeFirst(
  tx: Tx,
  { purl, scope }: DecideInput,
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  let rows = await lockPackages(tx, [purl]);
  if (rows.length === 0) throw new PermanentError('package.not-found', `${purl} was never requested.`);
  const isHere = (row: ScopedRow) => row.scope === scope;
  if (!rows.some(isHere)) {
    await tx`insert into packages (purl, scope) values (${purl}, ${scope}) on conflict do nothing`;
    rows = await lockPackages(tx, [purl]);
  }
  const unjudged = rows.filter((row) => isHere(row) && row.assessmentId === null);
  return (await judgeRecorded(tx, unjudged, rows, deps, 'any')).messages;
}

/** The row is locked by the caller. */
async function readPackage(tx: Tx, { purl, scope }: DecideInput): Promise<PackageRow> {
  const [row] = await tx<PackageRow[]>`
    select p.assessment_id as "assessmentId", p.decision, p.decision_sequence as sequence, a.lane, a.traceparent, v.verdict, a.registry, a.download,
      a.requested_at as "requestedAt",
      exists (select from assessments r where r.purl = p.purl and r.state in ('waiting', 'running')) as running
    from packages p left join assessments a on a.id = p.assessment_id
      left join verdicts v on v.assessment_id = p.assessment_id and v.scope = p.scope
    where p.purl = ${purl} and p.scope = ${scope}`;
  return row!;
}

/** Refuses a decision on what is not as it was looked at. Pure. */
function requireAsLooked({ assessmentId, sequence }: PackageRow, look: Look): void {
  if (assessmentId !== look.assessmentId)
    throw new PermanentError('decision.stale', `The newest assessment is ${assessmentId ?? 'none'}.`);
  if (look.sequence !== null && sequence !== look.sequence)
    throw new PermanentError('decision.stale', 'Another decision was made since.');
}

/** Refuses a decision that the state of the package version does not allow. Pure. */
function check(
  row: PackageRow,
  state: 'approved' | 'rejected',
  input: DecideInput,
  policy: Policy,
  now: Date,
) {
  if (input.until !== null && new Date(input.until) <= now) {
    const detail = `until: ${input.until} has passed; it is ${now.toISOString()} now.`;
    throw new PermanentError('decision.ends-in-past', detail);
  }
  if (!row.assessmentId) {
    const detail = row.running ? `${input.purl} is still being assessed.` : `${input.purl} has no verdict.`;
    throw new PermanentError('package.not-assessed', detail);
  }
  if (input.assessmentId && input.assessmentId !== row.assessmentId) {
    throw new PermanentError('decision.stale', `The newest assessment is ${row.assessmentId}.`);
  }
  const current = row.decision ? decisionSchema.parse(row.decision) : null;
  const over = current && hasEnded(current, now) ? current : null;
  const holds = over ? null : current;
  if (holds?.state === state && holds.by.kind === 'person' && saysTheSame(holds, input)) {
    throw new PermanentError('decision.unchanged', `${input.purl} is ${state} by ${holds.by.name} already.`);
  }
  const verdict: Verdict | null = row.verdict ? verdictSchema.parse(row.verdict) : null;
  if (state === 'approved' && verdict && !mayOverride(verdict, policy)) {
    const codes = verdict.reasons
      .filter((reason) => reason.outcome === 'reject')
      .map((reason) => reason.code);
    throw new PermanentError(
      'decision.blocked',
      `The policy rejects it for ${codes.join(', ')} and lets nobody override that.`,
    );
  }
  return { assessmentId: row.assessmentId, holds, over, verdict, sequence: row.sequence };
}

/** Another reason or another end is a decision of its own: it replaces the one that holds. */
function saysTheSame(holds: Decision, { reason, until }: DecideInput): boolean {
  const time = (text: string | null) => (text === null ? null : new Date(text).getTime());
  return holds.reason === reason && time(holds.until) === time(until);
}
