import type { Facade } from '@sluice/facades';
import { isReleased } from '../standings/hold.ts';
import type { Place, StandingIndex } from '../standings/standing-index.ts';

/**
 * The approved version nearest to a held one: the highest below it, else the lowest above it. Null for none.
 */
export function nearestApproved(
  index: StandingIndex,
  place: Place,
  facade: Facade,
  nowMs: number,
): string | null {
  const { compareVersions } = facade.names;
  let below: string | null = null;
  let above: string | null = null;
  for (const version of index.versions(place).keys()) {
    if (!isReleased(index, { ...place, version }, nowMs)) continue;
    const order = compareVersions(version, place.version) ?? 0;
    if (order < 0 && (below === null || compareVersions(version, below)! > 0)) below = version;
    if (order > 0 && (above === null || compareVersions(version, above)! < 0)) above = version;
  }
  return below ?? above;
}
