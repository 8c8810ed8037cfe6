import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { requestPageSchema, requestsQuery, z } from '@sluice/api';
import { momentSchema, requireScope } from '@sluice/contracts';
import type { GatewayDeps } from '../deps.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { askingProblems, problems } from '../problem.ts';
import { listRequests as query } from '../queries/requests.ts';
import { ifNoneMatch, polled } from '../responses.ts';

/** When it was submitted, and its id. */
const sortKey = z.tuple([momentSchema, z.uuid()]);

const route = createRoute({
  method: 'get',
  path: '/v1/requests',
  operationId: 'listRequests',
  'x-right': 'requests.read',
  summary: 'List requests, newest first',
  tags: ['requests'],
  request: { headers: ifNoneMatch, query: requestsQuery },
  responses: {
    ...polled(requestPageSchema, 'A page of requests.'),
    ...problems(...askingProblems, 'scope.unknown'),
  },
});

export function listRequests(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { scope, requester, state, limit, cursor } = c.req.valid('query');
    if (scope !== undefined) requireScope(scope, deps.scopes);
    const after = decodeCursor(cursor, sortKey);
    const rows = await query(deps.read, {
      scope,
      scopes: c.var.principal.scopes,
      requester,
      state,
      limit: limit + 1,
      after,
    });
    return c.json(
      pageOf(c, rows, limit, ({ submittedAt, id }) => [submittedAt, id]),
      200,
    );
  });
}
