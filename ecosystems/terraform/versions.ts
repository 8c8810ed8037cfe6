import semver from 'semver';

/** Longer than any version in use. */
const versionMaxChars = 256;
/** Numbers without zeros in front, parts of letters, digits and hyphens. Source: Semantic Versioning 2.0.0. */
const pattern =
  /^(?:0|[1-9]\d{0,14})(?:\.(?:0|[1-9]\d{0,14})){2}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Whether a text is one version in the form that lockfiles have: no `v` in front, three numbers. */
export function isTerraformVersion(text: string): boolean {
  return text.length <= versionMaxChars && pattern.test(text) && semver.valid(text) !== null;
}

/** Order of semver, build metadata last; null when one of the texts is no version. */
export function compareTerraformVersions(a: string, b: string): number | null {
  return isTerraformVersion(a) && isTerraformVersion(b) ? semver.compareBuild(a, b) : null;
}
