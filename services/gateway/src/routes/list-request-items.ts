import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  cursorQuery,
  ifNoneMatch,
  itemSchema,
  itemStates,
  limitQuery,
  page,
  polled,
  requestIdParam,
} from '@sluice/api';
import { PermanentError, itemOutcomeSchema } from '@sluice/contracts';
import type { GatewayDeps } from '../deps.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { askingProblems, problems } from '../problem.ts';
import { listItems, type ItemRow, type ItemStage } from '../queries/items.ts';
import { queuePositions } from '../queries/queue-positions.ts';
import { findRequest, findSubmission } from '../queries/requests.ts';

/** Its place in the file. */
const sortKey = z.tuple([z.int32().min(0)]);

const route = createRoute({
  method: 'get',
  path: '/v1/requests/{id}/items',
  operationId: 'listRequestItems',
  summary: 'Items of a request, in the order of the file',
  tags: ['requests'],
  request: {
    headers: ifNoneMatch,
    params: requestIdParam,
    query: z.object({
      outcome: itemOutcomeSchema.optional(),
      state: z
        .enum(['open', ...itemStates])
        .optional()
        .openapi({ description: '`open`: any but `ended`.' }),
      limit: limitQuery(1_000, 100),
      cursor: cursorQuery,
    }),
  },
  responses: {
    ...polled(page(itemSchema, 'ItemPage'), 'A page of items.'),
    ...problems(...askingProblems, 'request.not-found'),
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
    const { items: shown, nextCursor } = pageOf(c, rows, limit, ({ ordinal }) => [ordinal]);
    const places = await placesOf(deps, shown);
    const items = shown.map(({ stage: _stage, stageLane: _lane, stagePosition: _position, ...item }) => ({
      ...item,
      queuePosition: (item.purl && places.get(item.purl)) ?? null,
    }));
    return c.json({ items, nextCursor } as never, 200);
  });
}

/** Places in their stages' queues, of the items that wait for one. */
async function placesOf(
  { read, queues }: GatewayDeps,
  rows: (ItemRow & ItemStage)[],
): Promise<Map<string, number>> {
  const waiting = rows.flatMap(({ purl, stage, stageLane: lane, stagePosition, lastError }) =>
    purl && stage && lane && stagePosition
      ? [{ purl, stage, lane, stagePosition, wasTried: lastError !== null }]
      : [],
  );
  if (waiting.length === 0) return new Map();
  return queuePositions(read, (await queues.recent())?.queues ?? [], waiting);
}
