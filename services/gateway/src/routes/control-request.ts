import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
  cancelBodySchema,
  cancelledSchema,
  changeLaneBodySchema,
  jsonContent,
  laneChangedSchema,
  requestIdParam,
} from '@sluice/api';
import { cancelCommand, changeLaneCommand } from '@sluice/contracts';
import { commandBodyProblems } from '../command-body.ts';
import { commandRequest } from '../command-request.ts';
import type { GatewayDeps } from '../deps.ts';
import { commandProblems, problems } from '../problem.ts';

const refusals = problems(
  ...commandBodyProblems,
  ...commandProblems,
  'request.not-found',
  'request.ended',
  'request.not-taken-in',
);

const cancel = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/cancel',
  operationId: 'cancelRequest',
  summary: 'Cancel a request',
  description:
    'Its open items end as cancelled. What other requests wait for goes on; the rest is dropped by the stages at their ' +
    'next safe point. Cancelling again changes nothing.',
  tags: ['requests'],
  request: {
    params: requestIdParam,
    body: { required: true, content: { 'application/json': { schema: cancelBodySchema } } },
  },
  responses: { 200: jsonContent(cancelledSchema, 'It is cancelled.'), ...refusals },
});

const changeLane = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/lane',
  operationId: 'changeRequestLane',
  summary: 'Move a running request to the other lane',
  tags: ['requests'],
  request: {
    params: requestIdParam,
    body: { required: true, content: { 'application/json': { schema: changeLaneBodySchema } } },
  },
  responses: { 200: jsonContent(laneChangedSchema, 'It is in that lane now.'), ...refusals },
});

/** Commands on a running request. */
export function controlRequest(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(cancel, async (c) => {
    const input = { requestId: c.req.valid('param').id, ...c.req.valid('json') };
    return c.json((await commandRequest(deps, cancelCommand, input)) as never, 200);
  });
  app.openapi(changeLane, async (c) => {
    const input = { requestId: c.req.valid('param').id, ...c.req.valid('json') };
    return c.json((await commandRequest(deps, changeLaneCommand, input)) as never, 200);
  });
}
