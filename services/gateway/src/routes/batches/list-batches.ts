import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { batchesQuery, batchPageSchema } from '@sluice/api';
import { requireScope } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { decodeCursor, pageOf, submittedSortKey } from '../../http/page.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { listBatches as query } from '../../queries/batches.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/batches',
  operationId: 'listBatches',
  'x-right': 'requests.read',
  summary: 'List batches, newest first',
  tags: ['batches'],
  request: { headers: ifNoneMatch, query: batchesQuery },
  responses: {
    ...polled(batchPageSchema, 'A page of batches.'),
    ...problems(...askingProblems, 'scope.unknown'),
  },
});

export function listBatches(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { scope, limit, cursor, ...filter } = c.req.valid('query');
    if (scope !== undefined) requireScope(scope, deps.scopes);
    const after = decodeCursor(cursor, submittedSortKey);
    const { scopes } = c.var.principal;
    const rows = await query(deps.read, { ...filter, scope, scopes, limit: limit + 1, after });
    return c.json(
      pageOf(c, rows, limit, ({ submittedAt, id }) => [submittedAt, id]),
      200,
    );
  });
}
