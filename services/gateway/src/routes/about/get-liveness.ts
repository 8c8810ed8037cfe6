import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { livenessSchema } from '@sluice/api';
import { publicProblems } from '../../http/problem.ts';
import { jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/livez',
  operationId: 'getLiveness',
  'x-right': 'public',
  security: [],
  summary: 'Is the process alive?',
  tags: ['operations'],
  responses: { 200: jsonContent(livenessSchema, 'It is.'), ...publicProblems() },
});

export function getLiveness(app: OpenAPIHono): void {
  app.openapi(route, (c) => c.json({ live: true } as const, 200));
}
