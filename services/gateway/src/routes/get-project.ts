import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { projectDetailSchema } from '@sluice/api';
import { findProjectCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../deps.ts';
import { requestIdParam } from '../path-parameters.ts';
import { commandProblems, problems } from '../problem.ts';
import { shownProject } from '../projects/shown.ts';
import { ifNoneMatch, polled } from '../responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/projects/{id}',
  operationId: 'getProject',
  'x-right': 'requests.read',
  summary: 'A project, its newest refresh, and how often it may still be refreshed',
  tags: ['projects'],
  request: { headers: ifNoneMatch, params: requestIdParam },
  responses: {
    ...polled(projectDetailSchema, 'The project.'),
    ...problems(...commandProblems, 'project.not-found'),
  },
});

export function getProject(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const projectId = c.req.valid('param').id;
    const { project, quota } = await sendCommand(deps.bus, findProjectCommand, { projectId });
    return c.json({ ...shownProject(project), quota }, 200);
  });
}
