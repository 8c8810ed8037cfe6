import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { actorOf } from '../../access/principal.ts';
import { changeLaneBodySchema, laneChangedSchema } from '@sluice/api';
import { changeLaneCommand } from '@sluice/contracts';
import { commandBodyProblems } from '../../http/command-body.ts';
import { commandRequest } from '../../http/command-request.ts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/lane',
  operationId: 'changeRequestLane',
  'x-right': 'operations.change',
  summary: 'Move a running request to the other lane',
  tags: ['requests'],
  request: { params: requestIdParam, body: jsonBody(changeLaneBodySchema) },
  responses: {
    200: jsonContent(laneChangedSchema, 'It is in that lane now.'),
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      'request.not-found',
      'request.ended',
      'request.not-taken-in',
    ),
  },
});

export function changeRequestLane(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const input = { requestId: c.req.valid('param').id, ...actorOf(c, c.req.valid('json')) };
    return c.json(await commandRequest(deps, changeLaneCommand, input), 200);
  });
}
