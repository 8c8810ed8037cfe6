import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { projectActionSchema, projectSchema } from '@sluice/api';
import { archiveProjectCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf } from '../access/principal.ts';
import { commandBodyProblems } from '../command-body.ts';
import type { GatewayDeps } from '../deps.ts';
import { requestIdParam } from '../path-parameters.ts';
import { commandProblems, problems } from '../problem.ts';
import { shownProject } from '../projects/shown.ts';
import { jsonBody, jsonContent } from '../responses.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/projects/{id}',
  operationId: 'archiveProject',
  'x-right': 'projects.manage',
  summary: 'Archive a project',
  description: 'It is not refreshed any more, and its history stays. A refresh in flight goes on to its end.',
  tags: ['projects'],
  request: { params: requestIdParam, body: jsonBody(projectActionSchema) },
  responses: {
    200: jsonContent(projectSchema, 'It is archived.'),
    ...problems(...commandBodyProblems, ...commandProblems, 'project.not-found'),
  },
});

export function archiveProject(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const input = { projectId: c.req.valid('param').id, ...actorOf(c, c.req.valid('json')) };
    return c.json(shownProject(await sendCommand(deps.bus, archiveProjectCommand, input)), 200);
  });
}
