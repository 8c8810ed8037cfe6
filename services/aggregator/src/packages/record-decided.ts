import type { OutboxMessage } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { recordAudit } from '../audit.ts';
import { recordDecisions, type Decided } from './decide-packages.ts';
import { decisionEndedFact, decisionFact } from '../facts/package-facts.ts';

/**
 * Records which decisions ended and which were made, and says so.
 * @returns the facts: of each package version first the decision that ended, then the new one.
 */
export async function recordDecided(tx: Tx, decided: Decided[], now: Date): Promise<OutboxMessage[]> {
  await recordDecisions(
    tx,
    decided.flatMap(({ assessment, decision }) =>
      decision ? [{ purl: assessment.purl, assessmentId: assessment.id, decision }] : [],
    ),
  );
  for (const { assessment, over, decision } of decided) {
    if (!over) continue;
    const detail = { before: over, after: decision };
    await recordAudit(tx, { actor: 'policy', action: 'decision-ended', subject: assessment.purl, detail });
  }
  return decided.flatMap(({ assessment, over, decision }) => {
    const { id: assessmentId, purl, lane, traceparent } = assessment;
    const about = { assessmentId, purl, lane, traceparent };
    return [
      ...(over ? [decisionEndedFact(about, over, now)] : []),
      ...(decision ? [decisionFact(about, decision)] : []),
    ];
  });
}
