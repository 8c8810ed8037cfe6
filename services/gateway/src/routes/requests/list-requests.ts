import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { requestPageSchema, requestsQuery } from '@sluice/api';
import { requireScope } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { decodeCursor, pageOf, submittedSortKey } from '../../http/page.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { listRequests as query } from '../../queries/requests.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

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
    const { scope, requester, state, batch, limit, cursor } = c.req.valid('query');
    if (scope !== undefined) requireScope(scope, deps.scopes);
    const after = decodeCursor(cursor, submittedSortKey);
    const rows = await query(deps.read, {
      scope,
      scopes: c.var.principal.scopes,
      requester,
      state,
      batch,
      limit: limit + 1,
      after,
    });
    return c.json(
      pageOf(c, rows, limit, ({ submittedAt, id }) => [submittedAt, id]),
      200,
    );
  });
}
