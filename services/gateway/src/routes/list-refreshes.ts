import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { refreshesQuery, refreshPageSchema } from '@sluice/api';
import { findProjectCommand, listRefreshesCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../deps.ts';
import { decodeCursor, pageOf, submittedSortKey } from '../page.ts';
import { requestIdParam } from '../path-parameters.ts';
import { commandProblems, problems } from '../problem.ts';
import { shownRefresh } from '../projects/shown.ts';
import { ifNoneMatch, polled } from '../responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/projects/{id}/refreshes',
  operationId: 'listRefreshes',
  'x-right': 'requests.read',
  summary: 'The refreshes of a project, newest first',
  tags: ['projects'],
  request: { headers: ifNoneMatch, params: requestIdParam, query: refreshesQuery },
  responses: {
    ...polled(refreshPageSchema, 'A page of refreshes.'),
    ...problems(...commandProblems, 'project.not-found'),
  },
});

export function listRefreshes(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const projectId = c.req.valid('param').id;
    const { limit, cursor } = c.req.valid('query');
    const key = decodeCursor(cursor, submittedSortKey);
    const after = key && { requestedAt: key[0], id: key[1] };
    const input = { projectId, limit: limit + 1, after };
    const { refreshes } = await sendCommand(deps.bus, listRefreshesCommand, input);
    // A project without refreshes is there, and one that is not there is no empty list.
    if (refreshes.length === 0) await sendCommand(deps.bus, findProjectCommand, { projectId });
    const { items, nextCursor } = pageOf(c, refreshes, limit, ({ requestedAt, id }) => [requestedAt, id]);
    return c.json({ items: items.map(shownRefresh), nextCursor }, 200);
  });
}
