import { PackageURL } from 'packageurl-js';
import { PermanentError } from './errors.ts';

/** The package ecosystems that have a registry client, by purl type. */
export const ecosystems = ['npm', 'pypi', 'terraform'] as const;
export type Ecosystem = (typeof ecosystems)[number];

export interface PackageVersion {
  /** purl type, for instance `npm`. */
  type: string;
  /** The registry's own name, scope included: `@babel/core`. */
  name: string;
  version: string;
}

/** Longest purl that is taken in; npm names end at 214 characters and no real version is near the rest. */
export const purlLengthMax = 1024;

/**
 * Canonical purl of a package version, `pkg:npm/%40babel/core@7.0.0`.
 * Source: https://github.com/package-url/purl-spec
 */
export function formatPurl({ type, name, version }: PackageVersion): string {
  const slash = name.lastIndexOf('/');
  const namespace = slash < 0 ? undefined : name.slice(0, slash);
  return new PackageURL(type, namespace, name.slice(slash + 1), version, undefined, undefined).toString();
}

/**
 * Reads a purl and drops its qualifiers and subpath: a `repository_url` in a submission never decides where
 * Sluice fetches from.
 * @throws PermanentError `purl.invalid` when the text is no purl, or has no name or no version.
 */
export function parsePurl(text: string): PackageVersion {
  if (text.length > purlLengthMax) throw invalidPurl(text.slice(0, 80) + '…');
  let parsed: PackageURL;
  try {
    parsed = PackageURL.fromString(text);
  } catch (cause) {
    throw invalidPurl(text, cause);
  }
  if (!parsed.version || !parsed.name) throw invalidPurl(text);
  const name = parsed.namespace ? `${parsed.namespace}/${parsed.name}` : parsed.name;
  return { type: parsed.type, name, version: parsed.version };
}

function invalidPurl(text: string, cause?: unknown): PermanentError {
  return new PermanentError('purl.invalid', `"${text}" is not a package URL with a name and a version.`, {
    cause,
  });
}
