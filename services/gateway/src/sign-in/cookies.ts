import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

/**
 * `__Host-`: the browser takes it over TLS or from this machine alone, for this host and no other (RFC 6265bis, 4.1.3). Lax:
 * sent along when the provider sends the browser back, and with nothing else that another site makes it do.
 */
const options = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const;
const names = { session: 'sluice', begun: 'sluice-sign-in' } as const;

export function readCookie(c: Context, name: keyof typeof names): string | undefined {
  return getCookie(c, names[name], 'host') || undefined;
}

export function writeCookie(
  c: Context,
  name: keyof typeof names,
  value: string,
  maxAgeSeconds: number,
): void {
  setCookie(c, names[name], value, { ...options, maxAge: maxAgeSeconds });
}

export function dropCookie(c: Context, name: keyof typeof names): void {
  deleteCookie(c, names[name], options);
}
