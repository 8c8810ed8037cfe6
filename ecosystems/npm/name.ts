import { PermanentError } from '@sluice/contracts';
import { shown } from '@sluice/intake';

/** npm's own limit; https://github.com/npm/validate-npm-package-name */
const nameMaxChars = 214;
/** npm refuses longer versions (`semver` MAX_LENGTH). */
const versionMaxChars = 256;

/** ASCII only, as npm takes new names and took old ones; so no homoglyph, direction mark or zero-width character. */
const namePattern =
  /^(?:@[a-zA-Z0-9~!'()*_-][a-zA-Z0-9~!'()*._-]*\/)?[a-zA-Z0-9~!'()*_-][a-zA-Z0-9~!'()*._-]*$/;
/** Names of files that npm and browsers keep for themselves: `validate-npm-package-name` refuses both. */
const reservedNames = new Set(['node_modules', 'favicon.ico']);

/** Whether npm could have installed a package of this name. */
export function isNpmName(name: string): boolean {
  return name.length <= nameMaxChars && namePattern.test(name) && !reservedNames.has(name.toLowerCase());
}

/**
 * Refuses a name that npm itself could not have installed.
 * @throws PermanentError `input.invalid`.
 */
export function checkNpmName(name: string, where: string): void {
  if (!isNpmName(name)) {
    throw new PermanentError('input.invalid', `${shown(where)}: "${shown(name)}" is not a package name.`);
  }
}

const number = String.raw`(?:0|[1-9]\d{0,15})`;
const identifiers = String.raw`[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*`;
const exactVersion = new RegExp(
  String.raw`^${number}\.${number}\.${number}(?:-${identifiers})?(?:\+${identifiers})?$`,
);

/** Whether a text is one version: no range, no tag, no leading `v`. Source: https://semver.org, item 2, 9 and 10. */
export function isExactVersion(version: string): boolean {
  return exactVersion.test(version);
}

/**
 * Refuses a version that is longer than any that npm takes.
 * @throws PermanentError `input.invalid`.
 */
export function checkVersionLength(version: string, where: string): void {
  if (version.length > versionMaxChars) {
    throw new PermanentError('input.invalid', `${shown(where)}: "${shown(version)}" is not a version.`);
  }
}
