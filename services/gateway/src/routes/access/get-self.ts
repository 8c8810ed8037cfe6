import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { principalSchema } from '@sluice/api';
import { askingProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/me',
  operationId: 'getSelf',
  'x-right': 'signed-in',
  summary: 'Whom the API takes the sender for, and what that one may do',
  tags: ['access'],
  request: { headers: ifNoneMatch },
  responses: { ...polled(principalSchema, 'The sender.'), ...problems(...askingProblems) },
});

export function getSelf(app: OpenAPIHono): void {
  app.openapi(route, (c) => c.json(c.var.principal, 200));
}
