import { pkgScanned, type SluiceEvent } from '@sluice/contracts';
import type { EvidenceFact } from './on-evidence.ts';

/** Facts come milliseconds after those that overtook them. */
const rememberedMax = 1_000;

/**
 * Whether evidence can wait for more of its assessment: the last stage's can not, and neither can evidence that it overtook on
 * its way here, since then it may be all that is missing. Facts of different stages come in any order.
 * @returns asked once about each fact as it comes.
 */
export function evidenceCanWait(): (event: SluiceEvent<EvidenceFact>) => boolean {
  const scanned = new Set<string>();
  return ({ type, data: { assessmentId } }) => {
    if (type !== pkgScanned.type) return !scanned.has(assessmentId);
    scanned.add(assessmentId);
    if (scanned.size > rememberedMax) scanned.delete(scanned.values().next().value!);
    return false;
  };
}
