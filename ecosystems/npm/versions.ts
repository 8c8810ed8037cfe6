import semver from 'semver';

/** npm's order of versions. Texts that are nearly versions, as advisories have them, are read as npm reads them. */
export function compareVersions(a: string, b: string): number | null {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  return left && right ? left.compare(right) : null;
}

function parseVersion(text: string): semver.SemVer | null {
  return semver.parse(text, { loose: true }) ?? semver.coerce(text);
}
