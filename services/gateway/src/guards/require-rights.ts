import { defaultScope, PermanentError } from '@sluice/contracts';
import { openMarks, rights, type RouteRight } from '@sluice/api';
import type { OpenAPIHono, RouteConfig, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { requireOwnSubject } from '../access/own-subject.ts';
import { requireRight } from '@sluice/identity';
import { requireOwnScope } from '../access/principal.ts';
import type { GatewayDeps } from '../deps.ts';
import type { RouteOf } from '../http/documented-routes.ts';
import { isConsolePath } from '../routes/about/console.ts';

/** Pages that are the same for all readers. They are no operations, and not documented as such. */
const isPage = (path: string) =>
  isConsolePath(path) || /^\/(?:openapi\.json$|docs$|docs\/|problems\/)/.test(path);

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
    if (right === 'public' || (route === undefined && isPage(c.req.path))) return next();
    const principal = await deps.authenticate({
      authorization: c.req.header('authorization'),
      remoteAddress: remoteAddressOf(c),
    });
    c.set('principal', principal);
    if (right === null) throw new PermanentError('access.forbidden', 'The route names no right.');
    if (right !== 'signed-in') requireRight(principal, right);
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

function remoteAddressOf(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}
