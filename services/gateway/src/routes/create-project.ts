import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { createdProjectSchema, newProjectSchema } from '@sluice/api';
import { createProjectCommand, defaultScope, requireScope, uuidV7 } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf, requireOwnScope } from '../access/principal.ts';
import { commandBodyProblems } from '../command-body.ts';
import type { GatewayDeps } from '../deps.ts';
import { commandProblems, problems } from '../problem.ts';
import { quotaExceeded, shownProject } from '../projects/shown.ts';
import { sourceProblems } from '../projects/source-problems.ts';
import { jsonBody, jsonContent } from '../responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/projects',
  operationId: 'createProject',
  'x-right': 'projects.manage',
  summary: 'Add a git repository as a project',
  description: 'Nothing is read of it yet: ask for a refresh, give it a schedule, or a webhook.',
  tags: ['projects'],
  request: { body: jsonBody(newProjectSchema) },
  responses: {
    201: {
      ...jsonContent(createdProjectSchema, 'The project.'),
      headers: z.object({
        location: z.string().openapi({ example: '/v1/projects/01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11' }),
      }),
    },
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      ...sourceProblems,
      'scope.unknown',
      'project.name-taken',
      'quota.exceeded',
    ),
  },
});

export function createProject(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const wish = actorOf(c, c.req.valid('json'));
    const { scope = defaultScope, reason = 'It was added.', source, ...rest } = wish;
    requireScope(scope, deps.scopes);
    requireOwnScope(c.var.principal, scope);
    const { project, quota } = await sendCommand(deps.bus, createProjectCommand, {
      credential: null,
      lane: 'interactive',
      labels: {},
      schedule: null,
      plan: [],
      ...rest,
      id: uuidV7(),
      reason,
      scope,
      source: { ref: 'HEAD', paths: [], ...source },
    });
    if (project === null) throw quotaExceeded(quota, 'Projects are added so often at most', new Date());
    c.header('Location', `/v1/projects/${project.id}`);
    return c.json({ ...shownProject(project), quota }, 201);
  });
}
