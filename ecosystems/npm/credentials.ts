import type { Credential } from '@sluice/registries';

/**
 * Reads the credentials in lines of an .npmrc; all other lines are ignored.
 * Source: npm's config documentation, "Auth related configuration": `_authToken`, `_auth`, `username` with `_password`
 * (base64), each for `//host/path/`.
 */
export function readNpmCredentials(npmrc: string): Credential[] {
  const settings = new Map<string, Map<string, string>>();
  for (const line of npmrc.split('\n')) {
    const [, below, key, value] =
      /^\s*(\/\/[^=\s]*?\/?):(_authToken|_auth|username|_password)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (!below || !key || !value) continue;
    const address = below.endsWith('/') ? below : `${below}/`;
    const known = settings.get(address) ?? new Map<string, string>();
    settings.set(address, known.set(key, value.replace(/^"(.*)"$/, '$1')));
  }
  // The longest address that a URL is below counts.
  const sorted = [...settings].toSorted(([a], [b]) => b.length - a.length);
  return sorted.flatMap(([below, known]) => {
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
