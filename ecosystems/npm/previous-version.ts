import semver from 'semver';

/**
 * The version that a reader would call the one before: the highest lower version that was published earlier. With
 * several release lines the one published just before may be of another line, and hooks that come and go between
 * lines would look like news. Stable versions are compared with stable ones.
 * @param publishedAt publish times by version, in any order; a version without a time counts as published earlier.
 * @returns null for the first version, or when the version is no semver.
 */
export function previousVersion(
  version: string,
  versions: readonly string[],
  publishedAt: (version: string) => number | null,
): string | null {
  const self = semver.parse(version, { loose: true });
  if (!self) return null;
  const selfTime = publishedAt(version);
  const earlier = versions
    .map((candidate) => semver.parse(candidate, { loose: true }))
    .filter((candidate) => candidate !== null && candidate.compare(self) < 0)
    .filter((candidate) => {
      const time = publishedAt(candidate!.raw);
      return time === null || selfTime === null || time <= selfTime;
    }) as semver.SemVer[];
  const stable = earlier.filter((candidate) => candidate.prerelease.length === 0);
  const candidates = self.prerelease.length === 0 && stable.length > 0 ? stable : earlier;
  return (
    candidates.reduce<semver.SemVer | null>(
      (highest, candidate) => (highest === null || candidate.compare(highest) > 0 ? candidate : highest),
      null,
    )?.raw ?? null
  );
}
