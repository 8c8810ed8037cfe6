import { compare, explain, valid } from '@renovatebot/pep440';

/** Longer than any version in use. */
const versionMaxChars = 256;
/** Numbers from 2^53 on are not told apart by the library. None is in use, so they count as no version. */
const numberMaxDigits = 15;
const longNumber = new RegExp(String.raw`\d{${numberMaxDigits + 1}}`);
const longLocalNumber = new RegExp(String.raw`(?:^|[._-])\d{${numberMaxDigits + 1},}(?:$|[._-])`);

/** Whether a text is one version in any spelling of PEP 440, blanks excluded. */
export function isPypiVersion(text: string): boolean {
  if (text.length > versionMaxChars || valid(text) === null) return false;
  const [release = '', local = ''] = text.split('+');
  return !longNumber.test(release) && !longLocalNumber.test(local);
}

/** Order of PEP 440; null when one of the texts is no version. */
export function comparePypiVersions(a: string, b: string): number | null {
  if (!isPypiVersion(a) || !isPypiVersion(b)) return null;
  const [left, right] = [splitLocal(a), splitLocal(b)];
  // The library takes parts of local versions such as `1e5` for numbers.
  return compare(left.release, right.release) || compareLocal(left.local, right.local);
}

/**
 * The one spelling of a version, `1.0rc1` for `v1.0-RC.1`; `1.0` and `1.0.0` stay apart, although they are equal. Source:
 * PEP 440, "Normalization".
 * @returns null for a text that is no version.
 */
export function normaliseVersion(text: string): string | null {
  const trimmed = text.trim();
  if (!isPypiVersion(trimmed)) return null;
  const { release, local } = splitLocal(trimmed);
  const parts = explain(release);
  if (parts === null) return null;
  return local.length > 0 ? `${parts.public}+${local.join('.')}` : parts.public;
}

/** Whether a version is an alpha, beta, candidate or development release (PEP 440, "Pre-releases"). */
export function isPrerelease(version: string): boolean {
  const parts = explain(splitLocal(version).release);
  return parts !== null && parts.is_prerelease;
}

function splitLocal(version: string): { release: string; local: string[] } {
  const [release = '', local] = version.toLowerCase().split('+');
  const parts = local === undefined ? [] : local.split(/[._-]/);
  return { release, local: parts.map((part) => (isNumber(part) ? part.replace(/^0+(?=\d)/, '') : part)) };
}

/** Part by part: numbers come after letters, and more parts after fewer. Source: PEP 440, "Local version identifiers". */
function compareLocal(a: readonly string[], b: readonly string[]): number {
  for (const [at, left] of a.entries()) {
    const right = b[at];
    if (right === undefined) return 1;
    if (left === right) continue;
    if (isNumber(left) && isNumber(right)) return Number(left) - Number(right);
    if (isNumber(left) !== isNumber(right)) return isNumber(left) ? 1 : -1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

function isNumber(part: string): boolean {
  return /^\d+$/.test(part);
}
