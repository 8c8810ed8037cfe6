import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { hookSchema, projectActionSchema } from '@sluice/api';
import { TransientError, renewHookCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf } from '../access/principal.ts';
import { commandBodyProblems } from '../command-body.ts';
import type { GatewayDeps } from '../deps.ts';
import { hookSecret } from '../hooks/hook-secret.ts';
import { requestIdParam } from '../path-parameters.ts';
import { commandProblems, problems } from '../problem.ts';
import { jsonBody, jsonContent } from '../responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/projects/{id}/hook/renew',
  operationId: 'renewHook',
  'x-right': 'projects.manage',
  summary: 'Make a secret for the webhook of a project',
  description: 'It is in this answer and nowhere else, and the one before no longer counts.',
  tags: ['projects'],
  request: { params: requestIdParam, body: jsonBody(projectActionSchema) },
  responses: {
    200: jsonContent(hookSchema, 'The secret, and where the git host sends pushes to.'),
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      'project.not-found',
      'project.archived',
      'hook.unavailable',
    ),
  },
});

export function renewHook(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const projectId = c.req.valid('param').id;
    if (deps.hookKey === null) throw new TransientError('hook.unavailable');
    const { round } = await sendCommand(deps.bus, renewHookCommand, {
      projectId,
      ...actorOf(c, c.req.valid('json')),
    });
    const secret = hookSecret(deps.hookKey, projectId, round);
    return c.json({ path: `/v1/projects/${projectId}/hook`, secret }, 200);
  });
}
