import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { askedRefreshSchema, refreshActionSchema } from '@sluice/api';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { refreshByHand } from '../../projects/refresh-project.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/projects/{id}/refresh',
  operationId: 'refreshProject',
  'x-right': 'requests.submit',
  'x-quota': 'refresh',
  summary: 'Read a project again',
  description:
    'Joins a refresh that is in flight, which costs no quota. Follow `Location` for what becomes of it.',
  tags: ['projects'],
  request: { params: requestIdParam, body: jsonBody(refreshActionSchema) },
  responses: {
    202: {
      ...jsonContent(askedRefreshSchema, 'The refresh.'),
      headers: z.object({
        location: z.string().openapi({ example: '/v1/jobs/01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11' }),
      }),
    },
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      'project.not-found',
      'project.archived',
      'quota.exceeded',
    ),
  },
});

export function refreshProject(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { by, reason = 'It was asked for.' } = actorOf(c, c.req.valid('json'));
    const asked = await refreshByHand(deps, { projectId: c.req.valid('param').id, by, reason });
    c.header('Location', `/v1/jobs/${asked.refreshId}`);
    return c.json(asked, 202);
  });
}
