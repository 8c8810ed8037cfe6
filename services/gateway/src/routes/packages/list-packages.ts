import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { packagePageSchema, packagesQuery, z } from '@sluice/api';
import { purlLengthMax, requireScope, visibleText } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { decodeCursor, pageOf } from '../../http/page.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { listPackages as query } from '../../queries/packages.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

/** Its purl. */
const sortKey = z.tuple([visibleText(purlLengthMax)]);

const route = createRoute({
  method: 'get',
  path: '/v1/packages',
  operationId: 'listPackages',
  'x-right': 'packages.read',
  summary: 'List package versions',
  description:
    'With verdict and decision in a scope. For instance what waits for a person: `?outcome=review&decision=none`.',
  tags: ['packages'],
  request: { headers: ifNoneMatch, query: packagesQuery },
  responses: {
    ...polled(packagePageSchema, 'A page of package versions.'),
    ...problems(...askingProblems, 'scope.unknown'),
  },
});

export function listPackages(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    requireScope(filter.scope, deps.scopes);
    const after = decodeCursor(cursor, sortKey);
    const rows = await query(deps.read, {
      ...filter,
      limit: limit + 1,
      afterPurl: after ? after[0] : null,
    });
    return c.json(
      pageOf(c, rows, limit, ({ purl }) => [purl]),
      200,
    );
  });
}
