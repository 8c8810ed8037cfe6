import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { wholePageQuery, workerPageSchema } from '@sluice/api';
import { listWorkers as readWorkers } from '@sluice/stages';
import type { GatewayDeps } from '../../deps.ts';
import { pageOfNamed } from '../../http/page.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/workers',
  operationId: 'listWorkers',
  'x-right': 'operations.read',
  summary: 'Every instance of every service that lives, and what it works on',
  tags: ['operations'],
  request: { headers: ifNoneMatch, query: wholePageQuery },
  responses: {
    ...polled(workerPageSchema, 'Instances that said something within 30 s.'),
    ...problems(...askingProblems),
  },
});

export function listWorkers(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const workers = await readWorkers(deps.bus);
    const page = pageOfNamed(c, workers, c.req.valid('query'), (one) => `${one.service}/${one.instance}`);
    return c.json(page, 200);
  });
}
