import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { replayPageSchema, replaysQuery, z } from '@sluice/api';
import { listReplaysCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../../deps.ts';
import { decodeCursor, pageOf } from '../../http/page.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

/** When it was asked for, and its id. */
const sortKey = z.tuple([z.iso.datetime(), z.uuid()]);

const route = createRoute({
  method: 'get',
  path: '/v1/replays',
  operationId: 'listReplays',
  'x-right': 'operations.read',
  summary: 'List replays and how far they are, newest first',
  tags: ['operations'],
  request: { headers: ifNoneMatch, query: replaysQuery },
  responses: {
    ...polled(replayPageSchema, 'A page of replays.'),
    ...problems(...commandProblems),
  },
});

export function listReplays(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const [createdAt, lastId] = decodeCursor(cursor, sortKey) ?? [];
    const after = createdAt && lastId ? { createdAt, id: lastId } : null;
    const { replays: found } = await sendCommand(deps.bus, listReplaysCommand, { limit: limit + 1, after });
    return c.json(
      pageOf(c, found, limit, (replay) => [replay.createdAt, replay.id]),
      200,
    );
  });
}
