import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayDeps } from '../../deps.ts';
import {
  eventStream,
  lastEventHeader,
  streamDescription,
  streamEvents,
} from '../../streams/follow-events.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { batchRequestIds } from '../../queries/batches.ts';
import { firstBatchPosition, requestEvents } from '../../queries/timeline.ts';
import { findKnownBatch } from './get-batch.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/batches/{id}/events',
  operationId: 'streamBatchEvents',
  'x-right': 'requests.read',
  'x-quota': 'streams',
  summary: 'Follow a batch as server-sent events',
  description: `Everything that happens to the batch, its requests and their package versions, from its submission on, as it happens. ${streamDescription}`,
  tags: ['batches'],
  request: { params: requestIdParam, headers: lastEventHeader },
  responses: {
    200: { description: 'Timeline entries.', ...eventStream },
    ...problems('quota.exceeded', ...askingProblems, 'batch.not-found'),
  },
});

export function streamBatchEvents(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { read } = deps;
    await findKnownBatch(deps, id);
    const events = {
      first: () => firstBatchPosition(read, id),
      after: async (position: number, limit: number) =>
        requestEvents(read, [id, ...(await batchRequestIds(read, id))], position, limit),
    };
    return streamEvents(c, c.req.valid('header')['last-event-id'], events, deps);
  });
}
