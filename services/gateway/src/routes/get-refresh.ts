import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { refreshDetailSchema } from '@sluice/api';
import type { GatewayDeps } from '../deps.ts';
import { refreshParam } from '../path-parameters.ts';
import { commandProblems, problems } from '../problem.ts';
import { findRefreshOf } from '../projects/find-refresh.ts';
import { shownRefresh } from '../projects/shown.ts';
import { ifNoneMatch, polled } from '../responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/projects/{id}/refreshes/{refresh}',
  operationId: 'getRefresh',
  'x-right': 'requests.read',
  summary: 'A refresh, what the project is made of, and the tasks of its plan',
  tags: ['projects'],
  request: { headers: ifNoneMatch, params: refreshParam },
  responses: {
    ...polled(refreshDetailSchema, 'The refresh.'),
    ...problems(...commandProblems, 'refresh.not-found'),
  },
});

export function getRefresh(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id, refresh } = c.req.valid('param');
    return c.json(shownRefresh(await findRefreshOf(deps, id, refresh)), 200);
  });
}
