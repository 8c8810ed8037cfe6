import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { jobSchema } from '@sluice/api';
import type { GatewayDeps } from '../deps.ts';
import { findJob } from '../jobs.ts';
import { requestIdParam } from '../path-parameters.ts';
import { commandProblems, problems } from '../problem.ts';
import { ifNoneMatch, polled } from '../responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}',
  operationId: 'getJob',
  'x-right': 'requests.read',
  summary: 'Progress and result of anything that takes a while',
  description: 'A request, a batch, a refresh of a project or a replay, by its id, in one form.',
  tags: ['jobs'],
  request: { headers: ifNoneMatch, params: requestIdParam },
  responses: {
    ...polled(jobSchema, 'The job.'),
    ...problems(...commandProblems, 'job.not-found'),
  },
});

export function getJob(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => c.json(await findJob(deps, c.req.valid('param').id), 200));
}
