import {
  decisionSchema,
  type Decision,
  type ErrorCode,
  type StageName,
  type Verdict,
} from '@sluice/contracts';
import { judge } from '@sluice/policy';
import type { OutboxMessage, Tx } from '@sluice/postgres';
import { recordSpanWithIds } from '@sluice/runtime';
import { Counter } from 'prom-client';
import type { Assessment } from './assessment.ts';
import { creditItems } from './credit-items.ts';
import { decideByPolicy } from './decide.ts';
import type { AggregatorDeps } from './deps.ts';
import { assessedFact, decisionFact, failedFact } from './facts.ts';

const bytesChanged = new Counter({
  name: 'sluice_bytes_changed_total',
  help: 'Assessments that found other bytes than the version had when it was first assessed.',
});

export interface Failure {
  stage: StageName;
  code: ErrorCode;
  detail: string;
}

/**
 * Ends assessments whose evidence is complete, and saves it: judges, decides where the policy decides alone, and credits every
 * item that waits. The rows are locked by the caller.
 */
export async function endAssessed(
  tx: Tx,
  complete: Assessment[],
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  if (complete.length === 0) return [];
  const now = deps.now();
  const packages = await lockPackages(
    tx,
    complete.map(({ purl }) => purl),
  );
  const ended = complete.map((assessment) => {
    const firstSha512 = packages.get(assessment.purl)?.firstSha512 ?? null;
    return { assessment, verdict: judge({ ...assessment, firstSha512 }, deps.policy, now) };
  });
  alarmChanged(ended, deps);
  await tx`
    update assessments set state = 'assessed', verdict = e.verdict::jsonb, ended_at = ${now}, stage = 'scan',
      license = e.license::jsonb, download = e.download::jsonb, scan = e.scan::jsonb
    from unnest(
      ${ended.map(({ assessment }) => assessment.id)}::uuid[],
      ${ended.map(({ verdict }) => JSON.stringify(verdict))}::text[],
      ${ended.map(({ assessment }) => JSON.stringify(assessment.license))}::text[],
      ${ended.map(({ assessment }) => JSON.stringify(assessment.download))}::text[],
      ${ended.map(({ assessment }) => JSON.stringify(assessment.scan))}::text[])
      as e (id, verdict, license, download, scan)
    where assessments.id = e.id`;
  const messages = ended.map(({ assessment, verdict }) => assessedFact(assessment, verdict, now));
  messages.push(...(await decideAll(tx, ended, packages, deps, now)));
  const credits = ended.map(({ assessment, verdict }) => ({
    purl: assessment.purl,
    assessmentId: assessment.id,
    verdict,
    download: assessment.download,
  }));
  messages.push(...(await creditItems(tx, credits, now)));
  for (const { assessment, verdict } of ended) recordRoot(assessment, verdict.outcome, now, deps);
  return messages;
}

/**
 * Ends assessments that cannot be completed. A failure is no verdict: what was decided before goes on holding.
 * @param announce whether nobody has published `pkg.failed` for them yet.
 */
export async function endFailed(
  tx: Tx,
  failed: { assessment: Assessment; failure: Failure }[],
  deps: AggregatorDeps,
  announce: boolean,
): Promise<OutboxMessage[]> {
  if (failed.length === 0) return [];
  const now = deps.now();
  await tx`
    update assessments set state = 'failed', failure = e.failure::jsonb, ended_at = ${now}
    from unnest(
      ${failed.map(({ assessment }) => assessment.id)}::uuid[],
      ${failed.map(({ failure }) => JSON.stringify(failure))}::text[]) as e (id, failure)
    where assessments.id = e.id`;
  const messages = announce
    ? failed.map(({ assessment, failure }) => failedFact(assessment, failure, now))
    : [];
  const credits = failed.map(({ assessment }) => ({
    purl: assessment.purl,
    assessmentId: assessment.id,
    verdict: null,
    download: null,
  }));
  messages.push(...(await creditItems(tx, credits, now)));
  for (const { assessment } of failed) recordRoot(assessment, 'failed', now, deps);
  return messages;
}

interface PackageRow {
  decision: unknown;
  sequence: number;
  firstSha512: string | null;
}

async function lockPackages(tx: Tx, purls: string[]): Promise<Map<string, PackageRow>> {
  const rows = await tx<(PackageRow & { purl: string })[]>`
    select purl, decision, decision_sequence as sequence, first_sha512 as "firstSha512" from packages
    where purl = any(${purls}::text[]) order by purl for update`;
  return new Map(rows.map((row) => [row.purl, row]));
}

/** Bytes that change under a version that is published are an attack until somebody knows better. */
function alarmChanged(ended: { assessment: Assessment; verdict: Verdict }[], { log }: AggregatorDeps): void {
  for (const { assessment, verdict } of ended) {
    const changed = verdict.reasons.find(({ code }) => code === 'integrity.changed');
    if (!changed) continue;
    bytesChanged.inc();
    log.error({ purl: assessment.purl, ...changed.data }, changed.message);
  }
}

async function decideAll(
  tx: Tx,
  ended: { assessment: Assessment; verdict: Verdict }[],
  packages: Map<string, PackageRow>,
  deps: AggregatorDeps,
  now: Date,
): Promise<OutboxMessage[]> {
  const messages: OutboxMessage[] = [];
  const decided: { assessment: Assessment; decision: Decision | null }[] = [];
  for (const { assessment, verdict } of ended) {
    const row = packages.get(assessment.purl);
    const holds = row?.decision ? decisionSchema.parse(row.decision) : null;
    const next = decideByPolicy(verdict, holds, deps.policy, now);
    const decision = next && { ...next, sequence: (row?.sequence ?? 0) + 1 };
    decided.push({ assessment, decision });
    if (decision) messages.push(decisionFact({ assessmentId: assessment.id, ...pick(assessment) }, decision));
  }
  await tx`
    update packages set assessment_id = e.assessment_id, assessed_at = ${now},
      decision = coalesce(e.decision::jsonb, packages.decision),
      decision_sequence = coalesce((e.decision::jsonb ->> 'sequence')::int, packages.decision_sequence),
      -- The first bytes stay the first, whatever comes later.
      first_sha512 = coalesce(packages.first_sha512, e.sha512)
    from unnest(
      ${decided.map(({ assessment }) => assessment.purl)}::text[],
      ${decided.map(({ assessment }) => assessment.id)}::uuid[],
      ${decided.map(({ decision }) => decision && JSON.stringify(decision))}::text[],
      ${decided.map(({ assessment }) => verifiedSha512(assessment))}::text[])
      as e (purl, assessment_id, decision, sha512)
    where packages.purl = e.purl`;
  await recordDecisions(
    tx,
    decided.flatMap(({ assessment, decision }) =>
      decision ? [{ purl: assessment.purl, assessmentId: assessment.id, decision }] : [],
    ),
  );
  return messages;
}

function verifiedSha512({ download }: Assessment): string | null {
  return download?.status === 'verified' ? (download.digests?.sha512 ?? null) : null;
}

function pick({ purl, lane, traceparent }: Assessment) {
  return { purl, lane, traceparent };
}

/** Adds decisions to the record of all decisions. */
export async function recordDecisions(
  tx: Tx,
  rows: { purl: string; assessmentId: string; decision: Decision }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into decisions (purl, sequence, assessment_id, state, by_kind, by_name, reason, at, until)
    select e.purl, (d ->> 'sequence')::int, e.assessment_id, d ->> 'state', d -> 'by' ->> 'kind', d -> 'by' ->> 'name',
      d ->> 'reason', (d ->> 'at')::timestamptz, (d ->> 'until')::timestamptz
    from unnest(
      ${rows.map((row) => row.purl)}::text[], ${rows.map((row) => row.assessmentId)}::uuid[],
      ${rows.map((row) => JSON.stringify(row.decision))}::text[]::jsonb[]) as e (purl, assessment_id, d)`;
}

function recordRoot(assessment: Assessment, outcome: string, now: Date, { tracer }: AggregatorDeps): void {
  recordSpanWithIds(tracer, assessment.traceparent, 'assess package', {
    startTime: assessment.requestedAt,
    endTime: now,
    attributes: {
      'sluice.purl': assessment.purl,
      'sluice.assessment_id': assessment.id,
      'sluice.attempt': assessment.attempt,
      'sluice.lane': assessment.lane,
      'sluice.outcome': outcome,
    },
  });
}
