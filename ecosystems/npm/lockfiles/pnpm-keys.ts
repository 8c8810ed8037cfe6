/** How a version of pnpm-lock.yaml writes the keys of packages, and references to them. */
export interface PnpmKeys {
  major: 5 | 6 | 9;
  /** Whether packages with the same peers have entries of their own, apart from those of packages. */
  hasSnapshots: boolean;
  /** Name and version of a key; null for one of another kind, such as an address. */
  read(key: string): { name: string; version: string } | null;
  /** The key of a package for that of a snapshot: without peers. */
  packageOf(key: string): string;
  /**
   * The key that a reference leads to; null for a link to a folder.
   * @param alias the name under which it is installed.
   */
  follow(alias: string, reference: string): string | null;
}

/** @returns null for a version that is not known. Source: pnpm, `packages/dependency-path`, in each of these versions. */
export function pnpmKeys(lockfileVersion: unknown): PnpmKeys | null {
  const major = /^(\d+)(?:\.\d+)?$/.exec(String(lockfileVersion))?.[1];
  if (major === '9') return version9;
  if (major === '6') return version6;
  return major === '5' ? version5 : null;
}

const withoutPeers = (key: string) => key.replace(/\([^]*$/, '');
const isLink = (reference: string) => reference.startsWith('link:');

/** `foo@1.0.0(peer@2.0.0)`. */
const version9: PnpmKeys = {
  major: 9,
  hasSnapshots: true,
  read: (key) => split(withoutPeers(key), '@'),
  packageOf: withoutPeers,
  follow(alias, reference) {
    if (isLink(reference)) return null;
    if (reference.startsWith('@')) return reference;
    const [at, colon, bracket] = ['@', ':', '('].map((sign) => reference.indexOf(sign)) as [
      number,
      number,
      number,
    ];
    const isKey = at !== -1 && (colon === -1 || at < colon) && (bracket === -1 || at < bracket);
    return isKey ? reference : `${alias}@${reference}`;
  },
};

/** `/foo@1.0.0(peer@2.0.0)`. */
const version6: PnpmKeys = {
  major: 6,
  hasSnapshots: false,
  read: (key) => (key.startsWith('/') ? split(withoutPeers(key.slice(1)), '@') : null),
  packageOf: (key) => key,
  follow(alias, reference) {
    if (isLink(reference)) return null;
    const isKey = reference.startsWith('file:') || withoutPeers(reference).includes('/');
    return isKey ? reference : `/${alias}@${reference}`;
  },
};

/** `/foo/1.0.0_peer@2.0.0`. */
const version5: PnpmKeys = {
  major: 5,
  hasSnapshots: false,
  read: (key) => (key.startsWith('/') ? split(key.slice(1).replace(/_[^/]*$/, ''), '/') : null),
  packageOf: (key) => key,
  follow(alias, reference) {
    if (isLink(reference)) return null;
    const isKey = reference.startsWith('file:') || reference.replace(/_[^]*$/, '').includes('/');
    return isKey ? reference : `/${alias}/${reference}`;
  },
};

/** At the first separator behind the name, which may have a scope. */
function split(text: string, separator: '@' | '/'): { name: string; version: string } | null {
  const scopeEnd = text.startsWith('@') ? text.indexOf('/') + 1 : 0;
  const at = text.indexOf(separator, Math.max(scopeEnd, 1));
  return at === -1 ? null : { name: text.slice(0, at), version: text.slice(at + 1) };
}
