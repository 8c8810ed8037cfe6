import { decodeEnvelope, isCoded } from '@sluice/contracts';
import { eachDeadLetter } from '@sluice/delivery';
import type { Bus } from '@sluice/broker';

/**
 * Assessments whose message a stage parked, because it is of a newer version than the stage knows: they wait for an
 * upgrade, which makes them neither lost nor stuck.
 */
export async function parkedAssessments(bus: Bus): Promise<Set<string>> {
  const parked = new Set<string>();
  for await (const { payload } of eachDeadLetter(bus, { kind: 'parked' })) {
    const id = assessmentOf(payload);
    if (id !== null) parked.add(id);
  }
  return parked;
}

/** Of a version that is not known here either the id may be anywhere; then the assessment is looked after as any. */
function assessmentOf(payload: string): string | null {
  try {
    const { assessmentId } = (decodeEnvelope(payload).data ?? {}) as { assessmentId?: unknown };
    return typeof assessmentId === 'string' ? assessmentId : null;
  } catch (error) {
    if (isCoded(error)) return null;
    throw error;
  }
}
