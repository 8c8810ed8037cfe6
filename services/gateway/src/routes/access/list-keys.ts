import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { apiKeyPageSchema, wholePageQuery, z } from '@sluice/api';
import { momentSchema } from '@sluice/contracts';
import { listKeys } from '../../access/api-keys.ts';
import type { GatewayDeps } from '../../deps.ts';
import { decodeCursor, pageOf } from '../../http/page.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

/** When it was made, and its id. */
const sortKey = z.tuple([momentSchema, z.string().max(50)]);

const route = createRoute({
  method: 'get',
  path: '/v1/keys',
  operationId: 'listKeys',
  'x-right': 'keys.manage',
  summary: 'List API keys, newest first, those that ended included',
  tags: ['access'],
  request: { headers: ifNoneMatch, query: wholePageQuery },
  responses: { ...polled(apiKeyPageSchema, 'A page of keys.'), ...problems(...askingProblems) },
});

export function listApiKeys(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const found = await listKeys(deps.own, limit + 1, decodeCursor(cursor, sortKey));
    return c.json(
      pageOf(c, found, limit, ({ createdAt, id }) => [createdAt, id]),
      200,
    );
  });
}
