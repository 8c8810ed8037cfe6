import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { statsSchema } from '@sluice/api';
import type { GatewayDeps } from '../deps.ts';
import { askingProblems, problems } from '../problem.ts';
import { readStats } from '../queries/stats.ts';
import { ifNoneMatch, polled } from '../responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/stats',
  operationId: 'getStats',
  summary: 'How much there is of everything',
  tags: ['operations'],
  request: { headers: ifNoneMatch },
  responses: {
    ...polled(statsSchema, 'Counts over the read models.'),
    ...problems(...askingProblems),
  },
});

export function getStats(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => c.json(await readStats(deps.read), 200));
}
