import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { jobActionSchema, steeredJobSchema } from '@sluice/api';
import { cancelBatchCommand, cancelCommand, steerReplayCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { requireRight } from '@sluice/identity';
import { actorOf } from '../access/principal.ts';
import { commandBodyProblems } from '../command-body.ts';
import { commandBatch, commandRequest } from '../command-request.ts';
import type { GatewayDeps } from '../deps.ts';
import { findJob } from '../jobs.ts';
import { requestIdParam } from '../path-parameters.ts';
import { commandProblems, problems } from '../problem.ts';
import { jsonBody, jsonContent } from '../responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/jobs/{id}/cancel',
  operationId: 'cancelJob',
  'x-right': 'requests.cancel',
  summary: 'Cancel a job',
  description:
    'As the cancel of a request or a batch; of a refresh git is ended as well. Of a replay, which needs the right operations.change, the package versions are left out ' +
    'whose turn has not come.',
  tags: ['jobs'],
  request: { params: requestIdParam, body: jsonBody(jobActionSchema) },
  responses: {
    200: jsonContent(steeredJobSchema, 'It is cancelled.'),
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      'job.not-found',
      'request.ended',
      'batch.ended',
      'replay.ended',
      'request.not-taken-in',
      'batch.not-taken-in',
    ),
  },
});

export function cancelJob(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const acting = actorOf(c, c.req.valid('json'));
    const { kind } = await findJob(deps, id);
    if (kind === 'request') {
      const { items } = await commandRequest(deps, cancelCommand, { ...acting, requestId: id });
      return c.json({ id, kind, affected: items, unit: 'items' as const }, 200);
    }
    if (kind === 'batch' || kind === 'refresh') {
      const { requests } = await commandBatch(deps, cancelBatchCommand, { ...acting, batchId: id });
      return c.json({ id, kind, affected: requests, unit: 'requests' as const }, 200);
    }
    requireRight(c.var.principal, 'operations.change');
    const { packages } = await sendCommand(deps.bus, steerReplayCommand, { ...acting, id, action: 'cancel' });
    return c.json({ id, kind, affected: packages, unit: 'packages' as const }, 200);
  });
}
