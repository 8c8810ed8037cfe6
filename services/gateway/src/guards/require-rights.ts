import { defaultScope, PermanentError } from '@sluice/contracts';
import { openMarks, rights, type RouteRight } from '@sluice/api';
import type { OpenAPIHono, RouteConfig, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { requireOwnSubject } from '../access/own-subject.ts';
import { requireRight } from '@sluice/identity';
import { requireOwnScope } from '../access/principal.ts';
import { findPage } from '../http/pages.ts';
import { remoteAddressOf } from '../http/remote-address.ts';
import { readCookie } from '../sign-in/cookies.ts';
import { requireSaidOrigin } from './foreign-requests.ts';
import type { GatewayDeps } from '../deps.ts';
import type { RouteOf } from '../http/documented-routes.ts';

/**
 * Lets a request to its route only when its sender has the right that the route names, in the scope that the query names,
 * or that the subject of the path belongs to. A route that names no right is refused for all.
 */
export function requireRights(
  app: OpenAPIHono,
  deps: Pick<GatewayDeps, 'authenticate' | 'read' | 'own' | 'bus'>,
  routeOf: RouteOf,
): void {
  app.use(async (c, next) => {
    const route = routeOf(c);
    const right = rightOf(route);
    if (right === 'public' || (route === undefined && findPage(c.req.path) !== null)) return next();
    const authorization = c.req.header('authorization');
    const known = await deps.authenticate({
      authorization,
      sessionCookie: readCookie(c, 'session'),
      remoteAddress: remoteAddressOf(c),
    });
    c.set('principal', known);
    if (known.sessionId !== null && authorization === undefined) requireSaidOrigin(c);
    if (right === null) throw new PermanentError('access.forbidden', 'The route names no right.');
    const principal = right === 'signed-in' ? known : requireRight(known, right);
    c.set('principal', principal);
    const scope = scopeOf(c, route);
    if (scope !== undefined) requireOwnScope(principal, scope);
    await requireOwnSubject(principal, deps, c.req.path);
    await next();
  });
}

/** The right or the mark that a route names; null when it names none. */
export function rightOf(route: RouteConfig | undefined): RouteRight | null {
  const named = route?.['x-right'] as unknown;
  return [...rights, ...openMarks].find((right) => right === named) ?? null;
}

/** The scope that the query of a route is about; undefined for one that has none, or lists all of them. */
function scopeOf(c: Context, route: RouteConfig | undefined): string | undefined {
  const scope = (route?.request?.query as z.ZodObject | undefined)?.shape['scope'] as z.ZodType | undefined;
  if (scope === undefined) return undefined;
  return (
    c.req.query('scope') ?? (scope.safeParse(undefined).data === defaultScope ? defaultScope : undefined)
  );
}
