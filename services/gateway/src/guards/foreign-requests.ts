import type { IncomingMessage } from 'node:http';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { PermanentError } from '@sluice/contracts';
import type { Context } from 'hono';
import { isAddress } from '@sluice/runtime';
import { findPage } from '../http/pages.ts';

/** Asked by orchestrators and monitoring, which know a container by its address only. */
export const healthPaths = new Set(['/livez', '/readyz', '/metrics']);

/**
 * Refuses requests that a page of another site can make a browser send, before any route sees them: a browser shows the
 * cookie of who has signed in, and where the door is open it needs none.
 */
export function refuseForeignRequests(
  app: OpenAPIHono,
  { isAllowedHost }: { isAllowedHost: (host: string) => boolean },
): void {
  app.use(async (c, next) => {
    requireAllowedHost(c, isAllowedHost);
    requireOwnOrigin(c);
    await next();
  });
}

function requireAllowedHost(c: Context, isAllowedHost: (host: string) => boolean): void {
  const { host, username, password } = new URL(c.req.url);
  const headers = hostHeaders(c);
  const isProbe = healthPaths.has(c.req.path);
  // The address of a request may name a host of its own (RFC 9112, 3.2.2); both have to be right.
  const named = [host, ...headers];
  const isFine = (text: string) => isAllowedHost(text) || (isProbe && isAddress(text));
  // A browser names one host always; RFC 9112, 3.2 wants 400 for anything else.
  if (headers.length > 1 || (headers.length === 0 && !isProbe) || username || password)
    throw new PermanentError('input.invalid', 'The request does not name one host.');
  const foreign = named.find((text) => !isFine(text));
  if (foreign !== undefined)
    throw new PermanentError('host.not-allowed', `The API does not answer to the host "${foreign}".`);
}

/** All Host headers as they came; of several, everything above this layer sees the first only. */
function hostHeaders(c: Context): string[] {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  if (!incoming) return [c.req.header('host') ?? new URL(c.req.url).host];
  const { rawHeaders } = incoming;
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === 'host');
}

/**
 * Browsers say where a request comes from (Fetch Metadata; Origin, RFC 6454), and no page can change it. Programs that
 * are no browsers send neither header.
 */
function requireOwnOrigin(c: Context): void {
  const origin = c.req.header('origin');
  if (origin !== undefined && !isOwn(origin, hostHeaders(c)[0] ?? ''))
    throw new PermanentError('origin.not-allowed', `The request comes from a page of "${origin}".`);
  const site = c.req.header('sec-fetch-site');
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  const isNavigation = c.req.method === 'GET' && c.req.header('sec-fetch-mode') === 'navigate';
  const isLink = isNavigation && findPage(c.req.path)?.isLinked === true;
  if (!isLink)
    throw new PermanentError('origin.not-allowed', `The request comes from another site (${site}).`);
}

/**
 * Requires that a browser says that a page of the API itself sends the request. A cookie comes along with all that makes the
 * browser send it, unlike a key, which a page must know.
 * @throws PermanentError `origin.not-allowed`.
 */
export function requireSaidOrigin(c: Context): void {
  if (['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)) return;
  if (c.req.header('sec-fetch-site') === 'same-origin' || c.req.header('origin') !== undefined) return;
  throw new PermanentError(
    'origin.not-allowed',
    'The request has a cookie, and does not say that a page of the API sends it.',
  );
}

/** Whether an origin is the host itself. Its scheme is not known here: a proxy may have ended TLS. */
function isOwn(origin: string, host: string): boolean {
  const match = /^(https?):\/\/([^/?#@]+)$/i.exec(origin);
  if (!match || !URL.canParse(origin) || !URL.canParse(`${match[1]}://${host}`)) return false;
  return new URL(origin).host === new URL(`${match[1]}://${host}`).host;
}
