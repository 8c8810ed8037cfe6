import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { purlLengthMax, visibleText } from '@sluice/contracts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { GatewayDeps } from '../deps.ts';
import { problems } from '../problem.ts';
import { packageSummarySchema } from '../package-schemas.ts';
import { listPackages as query } from '../queries/packages.ts';
import { cursorQuery, ifNoneMatch, limitQuery, page, polled } from '../schemas.ts';

/** Its purl. */
const sortKey = z.tuple([visibleText(purlLengthMax)]);

const route = createRoute({
  method: 'get',
  path: '/v1/packages',
  operationId: 'listPackages',
  summary: 'List package versions',
  description: 'For instance what waits for a person: `?outcome=review&decision=none`.',
  tags: ['packages'],
  request: {
    headers: ifNoneMatch,
    query: z.object({
      outcome: z.enum(['approve', 'review', 'reject']).optional(),
      state: z.enum(['running', 'assessed', 'failed', 'cancelled']).optional(),
      decision: z.enum(['none', 'approved', 'rejected', 'recalled']).optional(),
      limit: limitQuery(500, 100),
      cursor: cursorQuery,
    }),
  },
  responses: {
    ...polled(page(packageSummarySchema, 'PackagePage'), 'A page of package versions.'),
    ...problems('input.invalid'),
  },
});

export function listPackages(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    const after = decodeCursor(cursor, sortKey);
    const rows = await query(deps.read, {
      ...filter,
      limit: limit + 1,
      afterPurl: after ? after[0] : null,
    });
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return c.json({ items, nextCursor: last ? encodeCursor([last.purl]) : null } as never, 200);
  });
}
