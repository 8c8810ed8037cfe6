import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { PermanentError, itemOutcomeSchema } from '@sluice/contracts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { GatewayDeps } from '../deps.ts';
import { problems } from '../problem.ts';
import { listItems } from '../queries/items.ts';
import { findRequest, findSubmission } from '../queries/requests.ts';
import { cursorQuery, itemSchema, jsonContent, limitQuery, page, requestIdParam } from '../schemas.ts';

/** Its place in the file. */
const sortKey = z.tuple([z.int32().min(0)]);

const route = createRoute({
  method: 'get',
  path: '/v1/requests/{id}/items',
  operationId: 'listRequestItems',
  summary: 'Items of a request, in the order of the file',
  tags: ['requests'],
  request: {
    params: requestIdParam,
    query: z.object({
      outcome: itemOutcomeSchema.optional(),
      state: z.enum(['open', 'ended']).optional(),
      limit: limitQuery(1_000, 100),
      cursor: cursorQuery,
    }),
  },
  responses: {
    200: jsonContent(page(itemSchema, 'ItemPage'), 'A page of items.'),
    ...problems('input.invalid', 'request.not-found'),
  },
});

export function listRequestItems(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { outcome, state, limit, cursor } = c.req.valid('query');
    const after = decodeCursor(cursor, sortKey);
    if (!(await findRequest(deps.read, id)) && !(await findSubmission(deps.own, id))) {
      throw new PermanentError('request.not-found', `No request has the id ${id}.`);
    }
    const rows = await listItems(deps.read, id, {
      outcome,
      state,
      limit: limit + 1,
      afterOrdinal: after ? after[0] : null,
    });
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return c.json({ items, nextCursor: last ? encodeCursor([last.ordinal]) : null } as never, 200);
  });
}
