import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { batchActionSchema, retriedSchema } from '@sluice/api';
import { retryCommand } from '@sluice/contracts';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import { commandBatch } from '../../http/command-request.ts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

/** All failed items, as many as a command takes. */
export const allFailed = { requestId: null, purl: null, code: null, stage: null, limit: 10_000 };

const route = createRoute({
  method: 'post',
  path: '/v1/batches/{id}/retry',
  operationId: 'retryBatch',
  'x-right': 'operations.change',
  summary: 'Have the failed items of a batch tried again',
  description:
    'Its requests that have some are opened again, and so is the batch. What has not failed is left alone.',
  tags: ['batches'],
  request: { params: requestIdParam, body: jsonBody(batchActionSchema) },
  responses: {
    202: jsonContent(retriedSchema, 'How much is tried again; the batch says how it goes on.'),
    ...problems(...commandBodyProblems, ...commandProblems, 'batch.not-found', 'batch.not-taken-in'),
  },
});

export function retryBatch(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const batchId = c.req.valid('param').id;
    const input = { ...actorOf(c, c.req.valid('json')), ...allFailed, batchId };
    return c.json(await commandBatch(deps, retryCommand, input), 202);
  });
}
