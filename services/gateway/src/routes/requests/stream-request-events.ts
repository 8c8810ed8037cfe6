import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PermanentError } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import {
  eventStream,
  lastEventHeader,
  streamDescription,
  streamEvents,
} from '../../streams/follow-events.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { findSubmission } from '../../queries/requests.ts';
import { firstPosition, requestEvents } from '../../queries/timeline.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/requests/{id}/events',
  operationId: 'streamRequestEvents',
  'x-right': 'requests.read',
  'x-quota': 'streams',
  summary: 'Follow a request as server-sent events',
  description: `Everything that happens to the request and its package versions, from its submission on, as it happens. ${streamDescription}`,
  tags: ['requests'],
  request: { params: requestIdParam, headers: lastEventHeader },
  responses: {
    200: { description: 'Timeline entries.', ...eventStream },
    ...problems('quota.exceeded', ...askingProblems, 'request.not-found'),
  },
});

export function streamRequestEvents(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { read, own } = deps;
    if ((await firstPosition(read, id)) === null && !(await findSubmission(own, id))) {
      throw new PermanentError('request.not-found', `No request has the id ${id}.`);
    }
    const events = {
      first: () => firstPosition(read, id),
      after: (position: number, limit: number) => requestEvents(read, [id], position, limit),
    };
    return streamEvents(c, c.req.valid('header')['last-event-id'], events, deps);
  });
}
