import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  cursorQuery,
  decisionStates,
  ifNoneMatch,
  limitQuery,
  packageStateSchema,
  packageSummarySchema,
  page,
  polled,
  verdictSchema,
} from '@sluice/api';
import { purlLengthMax, visibleText } from '@sluice/contracts';
import type { GatewayDeps } from '../deps.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { askingProblems, problems } from '../problem.ts';
import { listPackages as query } from '../queries/packages.ts';

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
      outcome: verdictSchema.optional(),
      state: packageStateSchema.optional(),
      decision: z
        .enum(['none', ...decisionStates])
        .optional()
        .openapi({ description: '`none`: no decision holds now, or never one did.' }),
      limit: limitQuery(500, 100),
      cursor: cursorQuery,
    }),
  },
  responses: {
    ...polled(page(packageSummarySchema, 'PackagePage'), 'A page of package versions.'),
    ...problems(...askingProblems),
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
    return c.json(pageOf(c, rows, limit, ({ purl }) => [purl]) as never, 200);
  });
}
