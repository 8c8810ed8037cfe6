import { PermanentError } from './errors.ts';

/** The package ecosystems that have a registry client, by purl type. */
export const ecosystems = ['npm', 'pypi', 'terraform'] as const;
export type Ecosystem = (typeof ecosystems)[number];

export interface PackageVersion {
  /** purl type, for instance `npm`. */
  type: string;
  /** The registry's own name, scope included and letter by letter: `@babel/core`, `JSONStream`. */
  name: string;
  version: string;
}

/** Longest purl that is taken in; npm names end at 214 characters and no real version is near the rest. */
export const purlLengthMax = 1024;

/**
 * Names that an ecosystem takes for one, in one form. npm's names are case-sensitive: `JSONStream` and `jsonstream`
 * are two packages, and so they are in the purl specification since May 2026. PyPI's are not: PEP 503.
 */
const normaliseName: Record<string, (name: string) => string> = {
  pypi: (name) => name.toLowerCase().replace(/[-_.]+/g, '-'),
};

/**
 * Canonical purl of a package version, `pkg:npm/%40babel/core@7.0.0`.
 * Source: https://github.com/package-url/purl-spec. Own code, since packageurl-js 2.0 lowers npm's names and does not
 * normalise PyPI's.
 */
export function formatPurl({ type, name, version }: PackageVersion): string {
  const path = canonicalName(type, name).split('/').map(encodeURIComponent).join('/');
  return `pkg:${type}/${path}@${encodeVersion(version)}`;
}

/** The name as the purl of its ecosystem has it. */
export function canonicalName(type: string, name: string): string {
  return Object.hasOwn(normaliseName, type) ? normaliseName[type]!(name) : name;
}

/** Colon and plus stay readable, as in every purl that is stored. */
function encodeVersion(version: string): string {
  return encodeURIComponent(version).replaceAll('%3A', ':').replaceAll('%2B', '+');
}

/** `pkg:`, with or without slashes, then the type, the name with its namespace, and the version behind the last `@`. */
const purlPattern = /^pkg:\/*([a-z][a-z0-9.+-]*)\/+([^?#]*[^/?#])@([^@/?#]+)(?:\?[^#]*)?(?:#.*)?$/i;
/** Characters that no name or version has: controls, separators and marks that change how text is shown. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\s]/u;

/**
 * Reads a purl and drops its qualifiers and subpath: a `repository_url` in a submission never decides where
 * Sluice fetches from.
 * @throws PermanentError `purl.invalid` when the text is no purl, or has no name or no version.
 */
export function parsePurl(text: string): PackageVersion {
  if (text.length > purlLengthMax) throw invalidPurl(text.slice(0, 80) + '…');
  const [, type, path, version] = purlPattern.exec(text) ?? [];
  if (!type || !path || !version) throw invalidPurl(text);
  const parts = path
    .replace(/^\/+/, '')
    .split('/')
    .map((part) => decodePart(part, text));
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('/'))) {
    throw invalidPurl(text);
  }
  const lowered = type.toLowerCase();
  return { type: lowered, name: canonicalName(lowered, parts.join('/')), version: decodePart(version, text) };
}

function decodePart(part: string, purl: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(part);
  } catch (cause) {
    throw invalidPurl(purl, cause);
  }
  if (unprintable.test(decoded)) throw invalidPurl(purl);
  return decoded;
}

function invalidPurl(text: string, cause?: unknown): PermanentError {
  const shown = JSON.stringify(text).replaceAll(/[^\x20-\x7e]/g, '?');
  return new PermanentError('purl.invalid', `${shown} is not a package URL with a name and a version.`, {
    cause,
  });
}
