import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { itemPageSchema, itemsQuery, z } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { decodeCursor, pageOf } from '../../http/page.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { listItems, type FoundItem } from '../../queries/items.ts';
import { fetchedOf } from '../../queues/queue-sample.ts';
import { queuePositions } from '../../queries/queue-positions.ts';
import { findRequest, findSubmission } from '../../queries/requests.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

/** Its place in the file. */
const sortKey = z.tuple([z.int32().min(0)]);

const route = createRoute({
  method: 'get',
  path: '/v1/requests/{id}/items',
  operationId: 'listRequestItems',
  'x-right': 'requests.read',
  summary: 'Items of a request, in the order of the file',
  tags: ['requests'],
  request: { headers: ifNoneMatch, params: requestIdParam, query: itemsQuery },
  responses: {
    ...polled(itemPageSchema, 'A page of items.'),
    ...problems(...askingProblems, 'request.not-found'),
  },
});

export function listRequestItems(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { outcome, state, limit, cursor } = c.req.valid('query');
    const after = decodeCursor(cursor, sortKey);
    const request = (await findRequest(deps.read, id)) ?? (await findSubmission(deps.own, id));
    if (!request) throw new PermanentError('request.not-found', `No request has the id ${id}.`);
    const rows = await listItems(deps.read, id, request.scope, {
      outcome,
      state,
      limit: limit + 1,
      afterOrdinal: after ? after[0] : null,
    });
    const { items: shown, nextCursor } = pageOf(c, rows, limit, ({ ordinal }) => [ordinal]);
    const { places, fetched } = await standingsOf(deps, shown);
    const items = shown.map(({ stage: _stage, stageLane: _lane, stagePosition: _position, ...item }) => ({
      ...item,
      queuePosition: places.get(item.purl ?? '') ?? null,
      bytes: fetched?.get(item.purl ?? '') ?? null,
    }));
    return c.json({ items, nextCursor }, 200);
  });
}

/** Of the items that wait for a stage: their places in its queue, and how much is here of those that are fetched. */
async function standingsOf(
  { read, queues }: GatewayDeps,
  rows: FoundItem[],
): Promise<{ places: Map<string, number>; fetched?: ReturnType<typeof fetchedOf> }> {
  const waiting = rows.flatMap(({ purl, stage, stageLane: lane, stagePosition, lastError }) =>
    purl && stage && lane && stagePosition
      ? [{ purl, stage, lane, stagePosition, wasTried: lastError !== null }]
      : [],
  );
  const sample = waiting.length === 0 ? null : await queues.recent();
  if (!sample) return { places: new Map() };
  return { places: await queuePositions(read, sample.queues, waiting), fetched: fetchedOf(sample) };
}
