import { recordAudit, type OutboxMessage } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { recordDecisions, savePackages, saveVerdicts, type Decided } from './decide-packages.ts';
import { decisionEndedFact, decisionFact } from '../facts/package-facts.ts';
import { releaseOf } from './release-of.ts';

/**
 * Saves verdicts and the decisions that follow from them. The rows of the package versions are locked by the caller.
 * @returns the facts of the decisions: of each package version in a scope first the one that ended, then the new one.
 */
export async function saveDecided(tx: Tx, decided: Decided[], now: Date): Promise<OutboxMessage[]> {
  // Sent together; none needs another's result.
  const [, , facts] = await Promise.all([
    saveVerdicts(tx, decided),
    savePackages(tx, decided),
    recordDecided(tx, decided, now),
  ]);
  return facts;
}

/** Records which decisions ended and which were made. @returns the facts of that. */
async function recordDecided(tx: Tx, decided: Decided[], now: Date): Promise<OutboxMessage[]> {
  await recordDecisions(
    tx,
    decided.flatMap(({ row: { purl, scope }, assessment, decision }) =>
      decision ? [{ purl, scope, assessmentId: assessment.id, decision }] : [],
    ),
  );
  for (const { row, over, decision } of decided) {
    if (!over) continue;
    const detail = { scope: row.scope, before: over, after: decision };
    await recordAudit(tx, 'aggregator', {
      actor: 'policy',
      action: 'decision-ended',
      subject: row.purl,
      detail,
    });
  }
  return decided.flatMap(({ row: { scope }, assessment, over, decision }) => {
    const { id: assessmentId, purl, lane, traceparent } = assessment;
    const about = { assessmentId, purl, lane, scope, traceparent };
    return [
      ...(over ? [decisionEndedFact(about, over, now)] : []),
      ...(decision ? [decisionFact(about, decision, releaseOf(assessment, decision))] : []),
    ];
  });
}
