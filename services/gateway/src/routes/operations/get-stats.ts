import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { scopeQuery, statsSchema } from '@sluice/api';
import { requireScope } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { readStats } from '../../queries/stats.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/stats',
  operationId: 'getStats',
  'x-right': 'operations.read',
  summary: 'How much there is of everything',
  tags: ['operations'],
  request: { headers: ifNoneMatch, query: scopeQuery },
  responses: {
    ...polled(statsSchema, 'Counts over the read models.'),
    ...problems(...askingProblems, 'scope.unknown'),
  },
});

export function getStats(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { scope } = c.req.valid('query');
    requireScope(scope, deps.scopes);
    return c.json(await readStats(deps.read, scope), 200);
  });
}
