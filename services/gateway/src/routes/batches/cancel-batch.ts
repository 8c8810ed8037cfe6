import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { batchActionSchema, cancelledBatchSchema } from '@sluice/api';
import { cancelBatchCommand } from '@sluice/contracts';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import { commandBatch } from '../../http/command-request.ts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/batches/{id}/cancel',
  operationId: 'cancelBatch',
  'x-right': 'requests.cancel',
  summary: 'Cancel a batch',
  description:
    'Its open requests are cancelled, and those that are still read from its files. Cancelling again changes nothing.',
  tags: ['batches'],
  request: { params: requestIdParam, body: jsonBody(batchActionSchema) },
  responses: {
    200: jsonContent(cancelledBatchSchema, 'It is cancelled.'),
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      'batch.not-found',
      'batch.ended',
      'batch.not-taken-in',
    ),
  },
});

export function cancelBatch(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const input = { batchId: c.req.valid('param').id, ...actorOf(c, c.req.valid('json')) };
    return c.json(await commandBatch(deps, cancelBatchCommand, input), 200);
  });
}
