import { z, type OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import { expect } from 'vitest';
import { routePath } from '../src/http/purl-path.ts';

/**
 * Has a test fail when an answer of the app in JSON is not as its schema says, or has a field that the schema has not.
 * The schemas are not applied in production: types hold the routes to them, and rows come from our own database.
 */
export function checkAnswers<App extends OpenAPIHono>(app: App): App {
  const routes = app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route'
      ? [{ route: definition.route, path: pathPattern(definition.route.path) }]
      : [],
  );
  const respond = app.fetch.bind(app);
  app.fetch = async (request, ...rest) => {
    const response = await respond(request, ...rest);
    if (!response.headers.get('content-type')?.startsWith('application/json')) return response;
    const path = routePath(request);
    const found = routes.find(
      ({ route, path: pattern }) => route.method === request.method.toLowerCase() && pattern.test(path),
    );
    if (found) checkAnswer(found.route, response.status, await response.clone().json());
    return response;
  };
  return app;
}

function pathPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

function checkAnswer(route: RouteConfig, status: number, body: unknown): void {
  const documented = route.responses[status];
  const content =
    documented && 'content' in documented ? documented.content?.['application/json'] : undefined;
  expect(content, `${route.operationId} documents an answer in JSON with ${status}`).toHaveProperty('schema');
  const { schema } = content as { schema: z.ZodType };
  const read = schema.safeParse(body);
  expect(read.error && z.prettifyError(read.error), `an answer of ${route.operationId}`).toBeUndefined();
  expect(read.data).toEqual(body);
}
