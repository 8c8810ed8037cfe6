import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { changedProjectSchema, projectSchema } from '@sluice/api';
import { changeProjectCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf } from '../access/principal.ts';
import { commandBodyProblems } from '../command-body.ts';
import type { GatewayDeps } from '../deps.ts';
import { requestIdParam } from '../path-parameters.ts';
import { commandProblems, problems } from '../problem.ts';
import { shownProject } from '../projects/shown.ts';
import { sourceProblems } from '../projects/source-problems.ts';
import { jsonBody, jsonContent } from '../responses.ts';

const route = createRoute({
  method: 'patch',
  path: '/v1/projects/{id}',
  operationId: 'changeProject',
  'x-right': 'projects.manage',
  summary: 'Change a project',
  description:
    'Fields that are left out stay as they are; a source is given whole. It holds for the refreshes to come.',
  tags: ['projects'],
  request: { params: requestIdParam, body: jsonBody(changedProjectSchema) },
  responses: {
    200: jsonContent(projectSchema, 'So it is now.'),
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      ...sourceProblems,
      'project.not-found',
      'project.name-taken',
      'project.archived',
    ),
  },
});

export function changeProject(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { by, reason, source, ...rest } = actorOf(c, c.req.valid('json'));
    const changes = { ...rest, ...(source ? { source: { ref: 'HEAD', paths: [], ...source } } : {}) };
    const input = { projectId: c.req.valid('param').id, by, reason, changes };
    return c.json(shownProject(await sendCommand(deps.bus, changeProjectCommand, input)), 200);
  });
}
