import { PermanentError, formatPurl } from '@sluice/contracts';

/** npm's own limit; https://github.com/npm/validate-npm-package-name */
const nameMaxChars = 214;
/** npm refuses longer versions (`semver` MAX_LENGTH). */
const versionMaxChars = 256;

/** ASCII only, as npm takes new names and took old ones; so no homoglyph, direction mark or zero-width character. */
const namePattern =
  /^(?:@[a-zA-Z0-9~!'()*_-][a-zA-Z0-9~!'()*._-]*\/)?[a-zA-Z0-9~!'()*_-][a-zA-Z0-9~!'()*._-]*$/;
const versionPattern = /^\d{1,16}\.\d{1,16}\.\d{1,16}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * The purl of an npm package version.
 * @throws PermanentError `input.invalid` for a name or version that npm itself could not have installed.
 */
export function npmPurl(name: string, version: string, where: string): string {
  if (name.length > nameMaxChars || !namePattern.test(name)) {
    throw new PermanentError('input.invalid', `${shown(where)}: "${shown(name)}" is not a package name.`);
  }
  if (version.length > versionMaxChars || !versionPattern.test(version)) {
    throw new PermanentError('input.invalid', `${shown(where)}: "${shown(version)}" is not a version.`);
  }
  return formatPurl({ type: 'npm', name, version });
}

/** Text of unknown origin, short enough for a message. */
function shown(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/g, '?');
  return printable.length > 80 ? `${printable.slice(0, 80)}…` : printable;
}
