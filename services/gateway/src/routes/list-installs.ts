import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { installPageSchema, installsQuery, z } from '@sluice/api';
import { momentSchema, requireScope } from '@sluice/contracts';
import type { GatewayDeps } from '../deps.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { askingProblems, problems } from '../problem.ts';
import { listInstalls as query } from '../queries/installs.ts';
import { ifNoneMatch, polled } from '../responses.ts';
import { readPurl } from './get-package.ts';

const text = z.string().max(1_000);
const sortKey = z.tuple([momentSchema, text, text, text]);

const route = createRoute({
  method: 'get',
  path: '/v1/installs',
  operationId: 'listInstalls',
  'x-right': 'installs.read',
  summary: 'List who was sent which package version through the gate, the last one first',
  description:
    'Whom to tell when an approval is taken back: clients keep what they have, and never ask again.',
  tags: ['packages'],
  request: { headers: ifNoneMatch, query: installsQuery },
  responses: {
    ...polled(installPageSchema, 'A page of installs.'),
    ...problems(...askingProblems, 'purl.invalid', 'scope.unknown'),
  },
});

export function listInstalls(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { purl, scope, limit, cursor, ...filter } = c.req.valid('query');
    if (scope !== undefined) requireScope(scope, deps.scopes);
    const after = decodeCursor(cursor, sortKey);
    const { scopes } = c.var.principal;
    const wanted = purl === undefined ? undefined : readPurl(purl, 'query');
    const rows = await query(deps.read, { ...filter, purl: wanted, scope, scopes, limit: limit + 1, after });
    return c.json(
      pageOf(c, rows, limit, (row) => [row.lastAt, row.purl, row.scope, row.principalId]),
      200,
    );
  });
}
