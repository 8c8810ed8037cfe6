import { PermanentError } from './errors.ts';

export interface PackageVersion {
  /** purl type, for instance `pypi`. */
  type: string;
  /** The registry's own name, namespace included and letter by letter: `@babel/core`, `JSONStream`. */
  name: string;
  version: string;
}

/** Longest purl that is taken in; no real name and version come near. */
export const purlLengthMax = 1024;

/**
 * The purl of a package version, `pkg:pypi/requests@2.32.0`. The name stands in it letter by letter: which names are the
 * same package is for the ecosystem to say, see `Names.canonicalName`.
 * Source: https://github.com/package-url/purl-spec. Own code, since packageurl-js 2.0 changes the letters of names.
 */
export function formatPurl({ type, name, version }: PackageVersion): string {
  const path = name.split('/').map(encodeURIComponent).join('/');
  return `pkg:${type}/${path}@${encodeVersion(version)}`;
}

/** Colon and plus stay readable, as in every purl that is stored. */
function encodeVersion(version: string): string {
  return encodeURIComponent(version).replaceAll('%3A', ':').replaceAll('%2B', '+');
}

/** `pkg:`, with or without slashes, then the type, the name with its namespace, and the version behind the last `@`. */
const purlPattern = /^pkg:\/*([a-z][a-z0-9.+-]*)\/+([^?#]*[^/?#])@([^@/?#]+)(?:\?([^#]*))?(?:#.*)?$/i;
/** The same without a version: an `@` may only begin the namespace, as people write scopes. */
const versionlessPattern = /^pkg:\/*([a-z][a-z0-9.+-]*)\/+(@?[^@?#]*[^@/?#])(?:\?([^#]*))?(?:#.*)?$/i;
/** Characters that no name or version has: controls, separators and marks that change how text is shown. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\s]/u;

/**
 * Reads a purl and drops its qualifiers and subpath: a `repository_url` in a submission never decides where
 * Sluice fetches from.
 * @throws PermanentError `purl.invalid` when the text is no purl, or has no name or no version.
 */
export function parsePurl(text: string): PackageVersion {
  const { type, name, version } = readPackageUrl(text);
  if (version === null) throw invalidPurl(text);
  return { type, name, version };
}

/** A package URL with all that Sluice reads of it; a list may name a package without a version. */
export interface PurlRead {
  type: string;
  name: string;
  version: string | null;
  /** Decoded, by their keys in lower case; the first of two with one key counts. */
  qualifiers: ReadonlyMap<string, string>;
}

/**
 * Reads a purl that may lack a version, with its qualifiers. Its subpath is dropped.
 * @throws PermanentError `purl.invalid` when the text is no purl, or has no name.
 */
export function readPackageUrl(text: string): PurlRead {
  if (text.length > purlLengthMax) throw invalidPurl(text.slice(0, 80) + '…');
  const [, type, path, version, query] = purlPattern.exec(text) ?? withoutVersion(text);
  if (!type || !path) throw invalidPurl(text);
  const parts = path
    .replace(/^\/+/, '')
    .split('/')
    .map((part) => decodePart(part, text));
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('/'))) {
    throw invalidPurl(text);
  }
  return {
    type: type.toLowerCase(),
    name: parts.join('/'),
    version: version === undefined ? null : decodePart(version, text),
    qualifiers: readQualifiers(query ?? ''),
  };
}

/** The parts of `purlPattern` for a purl without a version. */
function withoutVersion(text: string): (string | undefined)[] {
  const [all, type, path, query] = versionlessPattern.exec(text) ?? [];
  return [all, type, path, undefined, query];
}

/** A value that cannot be decoded stays as it is: it names nothing that Sluice looks for. */
function readQualifiers(query: string): Map<string, string> {
  const read = new Map<string, string>();
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=');
    const key = pair.slice(0, at).toLowerCase();
    if (at <= 0 || read.has(key)) continue;
    const value = pair.slice(at + 1);
    try {
      read.set(key, decodeURIComponent(value));
    } catch {
      read.set(key, value);
    }
  }
  return read;
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
