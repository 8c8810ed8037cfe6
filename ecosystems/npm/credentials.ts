/** A credential for the registries below one address. */
export interface NpmCredential {
  /** Host and path without a scheme, with slashes around: `//registry.example/npm/`. */
  below: string;
  authorization: string;
}

/**
 * Reads the credentials in lines of an .npmrc; all other lines are ignored.
 * Source: npm's config documentation, "Auth related configuration": `_authToken`, `_auth`, `username` with `_password`
 * (base64), each for `//host/path/`.
 */
export function readNpmCredentials(npmrc: string): NpmCredential[] {
  const settings = new Map<string, Map<string, string>>();
  for (const line of npmrc.split('\n')) {
    const [, below, key, value] =
      /^\s*(\/\/[^=\s]*?\/?):(_authToken|_auth|username|_password)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (!below || !key || !value) continue;
    const address = below.endsWith('/') ? below : `${below}/`;
    const known = settings.get(address) ?? new Map<string, string>();
    settings.set(address, known.set(key, value.replace(/^"(.*)"$/, '$1')));
  }
  return [...settings].flatMap(([below, known]) => {
    const authorization = authorizationOf(known);
    return authorization === null ? [] : [{ below, authorization }];
  });
}

function authorizationOf(settings: ReadonlyMap<string, string>): string | null {
  const token = settings.get('_authToken');
  if (token) return `Bearer ${token}`;
  const basic = settings.get('_auth');
  if (basic) return `Basic ${basic}`;
  const [name, password] = [settings.get('username'), settings.get('_password')];
  if (!name || !password) return null;
  const clear = Buffer.from(password, 'base64').toString('utf8');
  return `Basic ${Buffer.from(`${name}:${clear}`).toString('base64')}`;
}

/** The credential for a URL: that of the longest address that it is below; undefined for none. */
export function authorizationFor(url: string, credentials: readonly NpmCredential[]): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { host, pathname } = new URL(url);
  const address = `//${host}${pathname}`;
  return credentials
    .filter(({ below }) => address.startsWith(below))
    .toSorted((a, b) => b.below.length - a.below.length)[0]?.authorization;
}
