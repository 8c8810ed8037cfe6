import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@sluice/api';
import type { GatewayDeps } from '../../deps.ts';
import { publicProblems } from '../../http/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'getMetrics',
  'x-right': 'public',
  security: [],
  summary: 'Prometheus metrics of this process',
  tags: ['operations'],
  responses: {
    200: { description: 'Text exposition format.', content: { 'text/plain': { schema: z.string() } } },
    ...publicProblems('internal'),
  },
});

export function getMetrics(app: OpenAPIHono, { metrics }: GatewayDeps): void {
  app.openapi(route, async (c) =>
    c.text(await metrics.metrics(), 200, { 'content-type': metrics.contentType }),
  );
}
