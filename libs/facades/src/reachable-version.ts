import type { CompareVersions } from '@sluice/contracts';

export interface VersionOrder {
  compare: CompareVersions;
  /** Major number of a version; null where it has none. */
  majorOf: (version: string) => number | null;
  isPrerelease: (version: string) => boolean;
}

/**
 * The approved version that stands for a wanted one: itself, else the highest below it with the same major, else the highest
 * below it. A stable version is never replaced by a pre-release, and none by one above it: a tag must not move people to what
 * its owner did not mean. Pure.
 */
export function reachableVersion(
  approved: readonly string[],
  wanted: string,
  { compare, majorOf, isPrerelease }: VersionOrder,
): string | null {
  if (approved.includes(wanted)) return wanted;
  const below = approved.filter((version) => {
    const order = compare(version, wanted);
    return order !== null && order < 0 && (isPrerelease(wanted) || !isPrerelease(version));
  });
  const highest = (versions: string[]) =>
    versions.reduce<string | null>(
      (best, one) => (best === null || compare(one, best)! > 0 ? one : best),
      null,
    );
  const sameMajor = below.filter((version) => majorOf(version) === majorOf(wanted));
  return highest(sameMajor) ?? highest(below.filter((version) => !isPrerelease(version)));
}
