import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';

/** Finds the documentation of the route that answers a request; undefined for pages, which are not documented. */
export type RouteOf = (c: Context) => RouteConfig | undefined;

/** Routes are collected at the first request: the guards that ask are registered before them. */
export function documentedRoutes(app: OpenAPIHono): RouteOf {
  let routes: Map<string, RouteConfig> | undefined;
  return (c) => {
    routes ??= new Map(
      app.openAPIRegistry.definitions.flatMap((definition) => {
        if (definition.type !== 'route') return [];
        const { method, path } = definition.route;
        const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1');
        return [[`${method.toUpperCase()} ${pattern}`, definition.route] as const];
      }),
    );
    const matched = matchedRoutes(c).find(({ method }) => method !== 'ALL');
    return matched && routes.get(`${matched.method} ${matched.path}`);
  };
}
