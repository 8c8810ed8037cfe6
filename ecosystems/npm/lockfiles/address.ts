import type { RegistriesOf } from '@sluice/intake';

/** The address of an entry, read as one of the known shapes. */
export type NpmAddress =
  | { kind: 'tarball'; url: URL; name: string; version: string }
  /** An http address of no known shape. */
  | { kind: 'unknown'; url: URL }
  | { kind: 'unreadable' };

/** Printable ASCII without blanks and backslashes: URL parsers differ over the rest. */
const readable = /^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i;

const nameShape = String.raw`((?:@[^/@]+/)?[^/@]+)`;
/**
 * `<name>/-/<file>`, as every npm registry writes it, and `<name>/download/<file>`. Some products repeat the scope in
 * the file name (`@acme/widget/-/@acme/widget-1.2.3.tgz`) and all may stand below another path (`/npm/npm-remote/…`).
 */
const fileShape = new RegExp(
  String.raw`^/(?:.*?/)??${nameShape}/(?:-|download)/(?:(@[^/@]+)/)?([^/]+)\.(?:tgz|tar\.gz)$`,
);
/** `download/<name>/<version>/<digest>` and `packages/<name>/<version>/<file>`: the version has a segment of its own. */
const versionShape = new RegExp(String.raw`^/(?:.*/)?(?:download|packages)/${nameShape}/([^/]+)/[^/]+$`);

/**
 * Reads the address of a tarball. Shapes are those of registries, proxies and mirrors in use; the host never matters
 * here.
 */
export function readAddress(address: string): NpmAddress {
  if (!readable.test(address) || !URL.canParse(address)) return { kind: 'unreadable' };
  const url = new URL(address);
  const named = namedBy(url);
  return named ? { kind: 'tarball', url, ...named } : { kind: 'unknown', url };
}

function namedBy({ pathname }: URL): { name: string; version: string } | null {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  const [, fileName, scope, file] = fileShape.exec(path) ?? [];
  if (fileName && file) {
    const slash = fileName.indexOf('/');
    const prefix = `${fileName.slice(slash + 1)}-`;
    const isOfScope = scope === undefined || scope === fileName.slice(0, slash);
    return isOfScope && file.startsWith(prefix)
      ? { name: fileName, version: file.slice(prefix.length) }
      : null;
  }
  const [, versionName, version] = versionShape.exec(path) ?? [];
  return versionName && version ? { name: versionName, version } : null;
}

/**
 * Why the bytes behind an address may be others than those of the registry, when no pin ties them together: another
 * host, no encryption, or credentials in it. Null for an address of the registry itself.
 * @param name of the package, which stands right behind the registry's address.
 * @param registriesOf addresses that the package may come from; see `NPM_REGISTRY_URL`.
 */
export function strangerOf(url: URL, name: string, registriesOf: RegistriesOf): string | null {
  if (url.username || url.password) return 'holds credentials';
  const registry = registriesOf(name).find((known) => url.href.startsWith(known));
  if (registry !== undefined) {
    const rest = url.href.slice(registry.length).replace(/^@([^/]+)%2f/i, '@$1/');
    return rest.startsWith(`${name}/`) ? null : 'is below another path of the registry';
  }
  return url.protocol === 'https:' ? `is on ${url.host}, not on the registry` : 'is not https';
}
