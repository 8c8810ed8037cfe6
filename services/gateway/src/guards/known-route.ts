import type { OpenAPIHono } from '@hono/zod-openapi';
import { PermanentError } from '@sluice/contracts';
import { matchedRoutes } from 'hono/route';
import { problemResponse } from '../http/problem.ts';
import { routePath } from '../http/purl-path.ts';

/**
 * Answers requests that no route takes, before anything of them is read: 404, or 405 and OPTIONS with the methods that
 * the address does have. Each address is written one way: with a slash more at its end it is another, and not there.
 */
export function refuseUnknownRoutes(app: OpenAPIHono): void {
  app.use(async (c, next) => {
    if (matchedRoutes(c).some(({ method }) => method !== 'ALL')) return next();
    const path = routePath(c.req.raw);
    const methods = methodsAt(app, path);
    if (methods.length === 0) {
      const isSlash = path.endsWith('/') && methodsAt(app, path.slice(0, -1)).length > 0;
      const hint = isSlash ? ' Without the slash at its end it is one.' : '';
      throw new PermanentError('route.not-found', `${c.req.method} ${c.req.path} is no route.${hint}`);
    }
    const allow = methods.join(', ');
    c.header('Allow', allow);
    if (c.req.method === 'OPTIONS') return c.body(null, 204);
    return problemResponse(c, 'route.method-not-allowed', `${c.req.path} takes ${allow}.`);
  });
}

function methodsAt(app: OpenAPIHono, path: string): string[] {
  const known = [...new Set(app.routes.map(({ method }) => method))].filter((method) => method !== 'ALL');
  const found = known.filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  );
  if (found.length === 0) return [];
  // Each route for GET answers HEAD as well.
  return [
    ...(found.includes('GET') ? ['GET', 'HEAD'] : []),
    ...found.filter((one) => one !== 'GET'),
    'OPTIONS',
  ];
}
