import { queuePageSchema, wholePageQuery } from '@sluice/api';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import { pageOfNamed } from '../../http/page.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/queues',
  operationId: 'listQueues',
  'x-right': 'operations.read',
  summary: 'What waits before each stage, in each lane, and what the stages wait for',
  tags: ['operations'],
  request: { headers: ifNoneMatch, query: wholePageQuery },
  responses: {
    ...polled(queuePageSchema, 'The queues as the broker has them.'),
    ...problems(...askingProblems),
  },
});

export function listQueues(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { queues: all, workers: _, ...rest } = await deps.queues.read();
    const shown = pageOfNamed(c, all, c.req.valid('query'), ({ consumer }) => consumer);
    return c.json({ ...shown, ...rest, controls: [...deps.controls.controls] }, 200);
  });
}
