import { stageNames } from '@sluice/contracts';
import { columnsOf, type Tx } from '@sluice/postgres';
import type { OutboxMessage } from '@sluice/delivery';
import { recordSpanWithIds } from '@sluice/runtime';
import { Counter } from 'prom-client';
import { assessAll } from './assess-packages.ts';
import type { Assessment, Failed } from './assessment.ts';
import {
  creditWaiting,
  keyOf,
  lockWaiting,
  type Credit,
  type WaitingItem,
} from '../requests/credit-items.ts';
import {
  decideAll,
  lockPackages,
  saveFirstBytes,
  saveFirstSigners,
  type Judged,
} from '../packages/decide-packages.ts';
import type { AggregatorDeps } from '../deps.ts';
import { assessedFact, failedFact } from '../facts/package-facts.ts';
import { followBundlers } from '../requests/follow-bundlers.ts';
import { judgeFound, wakeFixes } from '../packages/judge-found.ts';
import { saveDecided } from '../packages/save-decided.ts';

const bytesChanged = new Counter({
  name: 'sluice_bytes_changed_total',
  help: 'Assessments that found other bytes than the version had when it was first assessed.',
});

/**
 * Ends assessments whose evidence is complete, and saves it: judges in every scope that ever wanted the package version,
 * decides where the scope's policy decides alone, and credits every item that waits. The rows are locked by the caller.
 */
export async function endAssessed(
  tx: Tx,
  complete: Assessment[],
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  if (complete.length === 0) return [];
  const now = deps.now();
  const purls = complete.map(({ purl }) => purl);
  const rows = await lockPackages(tx, purls);
  const byPurl = new Map(complete.map((assessment) => [assessment.purl, assessment]));
  const found = rows.map((row) => ({ row, assessment: byPurl.get(row.purl)! }));
  const decided = decideAll(await judgeFound(tx, found, deps.scopes, now), now);
  // Sent together; none needs another's result.
  const [, , , facts, waiting] = await Promise.all([
    saveEvidence(tx, complete, now),
    saveFirstBytes(tx, complete, rows),
    saveFirstSigners(tx, complete, rows),
    saveDecided(tx, decided, now),
    lockWaiting(tx, purls),
  ]);
  await wakeFixes(tx, decided, now);
  const verdicts = new Map(decided.map((one) => [keyOf(one.row), one.verdict]));
  const creditOf = (item: WaitingItem): Credit => {
    const { id: assessmentId, download } = byPurl.get(item.purl)!;
    return { assessmentId, verdict: verdicts.get(keyOf(item)) ?? null, download };
  };
  const messages = [
    ...decided.map(({ assessment, row, verdict }) => assessedFact(assessment, row.scope, verdict, now)),
    ...facts,
    ...(await creditWaiting(tx, waiting, creditOf, deps)),
  ];
  for (const assessment of complete) {
    const own = decided.filter((one) => one.assessment === assessment);
    alarmChanged(assessment, own, deps);
    const outcomes = new Set(own.map(({ verdict }) => verdict.outcome));
    recordRoot(assessment, [...outcomes].join(', '), now, deps);
  }
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
  const ids = new Map(failed.map(({ assessment }) => [assessment.purl, assessment.id]));
  const creditOf = ({ purl }: WaitingItem): Credit => ({
    assessmentId: ids.get(purl)!,
    verdict: null,
    download: null,
  });
  const messages = [
    ...(announce ? failed.map(({ assessment, failure }) => failedFact(assessment, failure, now)) : []),
    ...(await creditWaiting(tx, waiting, creditOf, deps)),
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
function alarmChanged({ purl }: Assessment, judged: Judged[], { log }: AggregatorDeps): void {
  const reasons = judged.flatMap(({ verdict }) => verdict.reasons);
  const changed = reasons.find(({ code }) => code === 'integrity.changed');
  if (!changed) return;
  bytesChanged.inc();
  log.error({ purl, ...changed.data }, changed.message);
}

async function saveEvidence(tx: Tx, complete: Assessment[], endedAt: Date): Promise<void> {
  const column = columnsOf(tx, complete);
  await tx`
    update assessments set state = 'assessed', ended_at = ${endedAt}, stage = ${stageNames.at(-1)!},
      registry = e.registry::json, license = e.license::json, download = e.download::json, scan = e.scan::json
    from unnest(
      ${column(({ id }) => id)}::uuid[], ${column(({ registry }) => registry)}, ${column(({ license }) => license)},
      ${column(({ download }) => download)}, ${column(({ scan }) => scan)}) as e (id, registry, license, download, scan)
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
