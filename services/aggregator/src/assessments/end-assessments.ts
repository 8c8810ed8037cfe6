import { stageNames } from '@sluice/contracts';
import { columnsOf, type Tx } from '@sluice/postgres';
import type { OutboxMessage } from '@sluice/delivery';
import { recordSpanWithIds } from '@sluice/runtime';
import { Counter } from 'prom-client';
import { assessAll } from './assess-packages.ts';
import type { Assessment, Failed } from './assessment.ts';
import { creditWaiting, lockWaiting } from '../requests/credit-items.ts';
import {
  decideAll,
  judgeAssessment,
  lockPackages,
  saveFirstBytes,
  savePackages,
  type Ended,
} from '../packages/decide-packages.ts';
import type { AggregatorDeps } from '../deps.ts';
import { assessedFact, failedFact } from '../facts/package-facts.ts';
import { followBundlers } from '../requests/follow-bundlers.ts';
import { recordDecided } from '../packages/record-decided.ts';

const bytesChanged = new Counter({
  name: 'sluice_bytes_changed_total',
  help: 'Assessments that found other bytes than the version had when it was first assessed.',
});

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
  const purls = complete.map(({ purl }) => purl);
  const packages = await lockPackages(tx, purls);
  const ended = complete.map((assessment) => judgeAssessment(assessment, packages, deps.policy, now));
  alarmChanged(ended, deps);
  const decided = decideAll(ended, packages, deps.policy, now);
  // Sent together; none needs another's result.
  const [, , , facts, waiting] = await Promise.all([
    saveVerdicts(tx, ended, now),
    savePackages(tx, decided, now),
    saveFirstBytes(tx, ended, packages),
    recordDecided(tx, decided, now),
    lockWaiting(tx, purls),
  ]);
  const credits = ended.map(({ assessment, verdict }) => ({
    purl: assessment.purl,
    assessmentId: assessment.id,
    verdict,
    download: assessment.download,
  }));
  const messages = [
    ...ended.map(({ assessment, verdict }) => assessedFact(assessment, verdict, now)),
    ...facts,
    ...(await creditWaiting(tx, waiting, credits, deps)),
  ];
  for (const { assessment, verdict } of ended) recordRoot(assessment, verdict.outcome, now, deps);
  return messages;
}

/**
 * Ends assessments that cannot be completed. A failure is no verdict: an earlier decision goes on holding.
 * @param announce whether `pkg.failed` has to be published for them.
 */
export async function endFailed(
  tx: Tx,
  failed: Failed[],
  deps: AggregatorDeps,
  announce: boolean,
): Promise<OutboxMessage[]> {
  if (failed.length === 0) return [];
  const now = deps.now();
  const purls = failed.map(({ assessment }) => assessment.purl);
  const [, locked] = await Promise.all([saveFailures(tx, failed, now), lockWaiting(tx, purls)]);
  const { waiting, wanted } = await followBundlers(tx, locked, failed);
  const credits = failed.map(({ assessment }) => ({
    purl: assessment.purl,
    assessmentId: assessment.id,
    verdict: null,
    download: null,
  }));
  const messages = [
    ...(announce ? failed.map(({ assessment, failure }) => failedFact(assessment, failure, now)) : []),
    ...(await creditWaiting(tx, waiting, credits, deps)),
    ...(await assessAll(tx, wanted, deps)),
  ];
  for (const { assessment } of failed) recordRoot(assessment, 'failed', now, deps);
  return messages;
}

async function saveFailures(tx: Tx, failed: Failed[], now: Date): Promise<void> {
  const column = columnsOf(tx, failed);
  await tx`
    update assessments set state = 'failed', failure = e.failure::jsonb, ended_at = ${now}
    from unnest(${column(({ assessment }) => assessment.id)}::uuid[], ${column(({ failure }) => failure)}) as e (id, failure)
    where assessments.id = e.id`;
}

/** Bytes that change under a version that is published are an attack until proven otherwise. */
function alarmChanged(ended: Ended[], { log }: AggregatorDeps): void {
  for (const { assessment, verdict } of ended) {
    const changed = verdict.reasons.find(({ code }) => code === 'integrity.changed');
    if (!changed) continue;
    bytesChanged.inc();
    log.error({ purl: assessment.purl, ...changed.data }, changed.message);
  }
}

/** @param endedAt null when the same evidence was only judged again. */
export async function saveVerdicts(tx: Tx, ended: Ended[], endedAt: Date | null): Promise<void> {
  const column = columnsOf(tx, ended);
  await tx`
    update assessments set state = 'assessed', verdict = e.verdict::json, ended_at = coalesce(${endedAt}, ended_at), stage = ${stageNames.at(-1)!},
      registry = e.registry::json, license = e.license::json, download = e.download::json, scan = e.scan::json
    from unnest(
      ${column(({ assessment }) => assessment.id)}::uuid[], ${column(({ verdict }) => verdict)},
      ${column(({ assessment }) => assessment.registry)},
      ${column(({ assessment }) => assessment.license)}, ${column(({ assessment }) => assessment.download)},
      ${column(({ assessment }) => assessment.scan)})
      as e (id, verdict, registry, license, download, scan)
    where assessments.id = e.id`;
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
