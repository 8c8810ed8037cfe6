import type { OutboxMessage } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { recordAudit } from '../audit.ts';
import { recordDecisions, type Decided } from './decide-packages.ts';
import { decisionEndedFact, decisionFact } from '../facts/package-facts.ts';

/**
 * Records which decisions ended and which were made, and says so.
 * @returns the facts: of each package version in a scope first the decision that ended, then the new one.
 */
export async function recordDecided(tx: Tx, decided: Decided[], now: Date): Promise<OutboxMessage[]> {
  await recordDecisions(
    tx,
    decided.flatMap(({ row: { purl, scope }, assessment, decision }) =>
      decision ? [{ purl, scope, assessmentId: assessment.id, decision }] : [],
    ),
  );
  for (const { row, over, decision } of decided) {
    if (!over) continue;
    const detail = { scope: row.scope, before: over, after: decision };
    await recordAudit(tx, { actor: 'policy', action: 'decision-ended', subject: row.purl, detail });
  }
  return decided.flatMap(({ row: { scope }, assessment, over, decision }) => {
    const { id: assessmentId, purl, lane, traceparent } = assessment;
    const about = { assessmentId, purl, lane, scope, traceparent };
    return [
      ...(over ? [decisionEndedFact(about, over, now)] : []),
      ...(decision ? [decisionFact(about, decision)] : []),
    ];
  });
}
