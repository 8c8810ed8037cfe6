import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { jobActionSchema, steeredJobSchema } from '@sluice/api';
import { PermanentError, findRefreshCommand, retryCommand, steerReplayCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf } from '../access/principal.ts';
import { commandBodyProblems } from '../command-body.ts';
import { commandBatch, commandRequest } from '../command-request.ts';
import type { GatewayDeps } from '../deps.ts';
import { findJob } from '../jobs.ts';
import { requestIdParam } from '../path-parameters.ts';
import { commandProblems, problems } from '../problem.ts';
import { refreshByHand } from '../projects/refresh-project.ts';
import { jsonBody, jsonContent } from '../responses.ts';
import { allFailed } from './retry-batch.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/jobs/{id}/retry',
  operationId: 'retryJob',
  'x-right': 'operations.change',
  summary: 'Have the failed parts of a job tried again',
  description:
    'The failed items of a request or a batch, or the failed package versions of a replay. What has not failed is left alone. A refresh ' +
    'whose repository could not be read is followed by another one.',
  tags: ['jobs'],
  request: { params: requestIdParam, body: jsonBody(jobActionSchema) },
  responses: {
    202: jsonContent(steeredJobSchema, 'How much is tried again; the job says how it goes on.'),
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      'job.not-found',
      'project.archived',
      'quota.exceeded',
      'request.not-taken-in',
      'batch.not-taken-in',
    ),
  },
});

export function retryJob(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const acting = actorOf(c, c.req.valid('json'));
    const { kind, error } = await findJob(deps, id);
    if (kind === 'replay') {
      const { packages } = await sendCommand(deps.bus, steerReplayCommand, {
        ...acting,
        id,
        action: 'retry',
      });
      return c.json({ id, kind, affected: packages, unit: 'packages' as const }, 202);
    }
    // A repository that could not be read is read again: by another refresh, which the quota counts.
    if (kind === 'refresh' && error !== null) {
      const { refresh } = await sendCommand(deps.bus, findRefreshCommand, { refreshId: id });
      if (!refresh) throw new PermanentError('job.not-found', `No job has the id ${id}.`);
      await refreshByHand(deps, { projectId: refresh.projectId, ...acting });
      return c.json({ id, kind, affected: 1, unit: 'refreshes' as const }, 202);
    }
    const failed = { ...acting, ...allFailed };
    const { items } =
      kind === 'request'
        ? await commandRequest(deps, retryCommand, { ...failed, requestId: id })
        : await commandBatch(deps, retryCommand, { ...failed, batchId: id });
    return c.json({ id, kind, affected: items, unit: 'items' as const }, 202);
  });
}
