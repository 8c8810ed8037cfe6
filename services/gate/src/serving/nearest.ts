import type { Facade } from '@sluice/facades';
import { isApproved } from '../standings/entry.ts';
import type { Place, StandingIndex } from '../standings/standing-index.ts';

/**
 * The approved version nearest to a held one: the highest below it, else the lowest above it; pre-releases last. Null for none.
 */
export function nearestApproved(
  index: StandingIndex,
  place: Place,
  facade: Facade,
  nowMs: number,
): string | null {
  const compare = (a: string, b: string) => facade.names.compareVersions(a, b) ?? 0;
  const approved = [...index.versions(place)]
    .flatMap(([version, entry]) => (isApproved(entry, nowMs) ? [version] : []))
    .toSorted(compare);
  const below = approved.filter((version) => compare(version, place.version) < 0);
  return below.at(-1) ?? approved[0] ?? null;
}
