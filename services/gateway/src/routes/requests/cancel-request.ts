import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { actorOf } from '../../access/principal.ts';
import { cancelBodySchema, cancelledSchema } from '@sluice/api';
import { cancelCommand } from '@sluice/contracts';
import { commandBodyProblems } from '../../http/command-body.ts';
import { commandRequest } from '../../http/command-request.ts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/cancel',
  operationId: 'cancelRequest',
  'x-right': 'requests.cancel',
  summary: 'Cancel a request',
  description:
    'Its open items end as cancelled. What other requests wait for goes on; the rest is dropped by the stages at their ' +
    'next safe point. Cancelling again changes nothing.',
  tags: ['requests'],
  request: { params: requestIdParam, body: jsonBody(cancelBodySchema) },
  responses: {
    200: jsonContent(cancelledSchema, 'It is cancelled.'),
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      'request.not-found',
      'request.ended',
      'request.not-taken-in',
    ),
  },
});

export function cancelRequest(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const input = { requestId: c.req.valid('param').id, ...actorOf(c, c.req.valid('json')) };
    return c.json(await commandRequest(deps, cancelCommand, input), 200);
  });
}
