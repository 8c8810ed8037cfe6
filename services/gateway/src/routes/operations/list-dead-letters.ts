import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { deadLetterPageSchema, deadLettersQuery, z } from '@sluice/api';
import { listDeadLetters as readDeadLetters } from '@sluice/delivery';
import type { GatewayDeps } from '../../deps.ts';
import { decodeCursor, pageOf } from '../../http/page.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const sortKey = z.tuple([z.number().int().positive()]);

const route = createRoute({
  method: 'get',
  path: '/v1/dead-letters',
  operationId: 'listDeadLetters',
  'x-right': 'operations.read',
  summary: 'List messages that could not be processed, oldest first',
  tags: ['operations'],
  request: { headers: ifNoneMatch, query: deadLettersQuery },
  responses: {
    ...polled(deadLetterPageSchema, 'A page of dead letters.'),
    ...problems(...askingProblems),
  },
});

export function listDeadLetters(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    const after = decodeCursor(cursor, sortKey)?.[0];
    const found = await readDeadLetters(deps.bus, { ...filter, limit: limit + 1, after });
    return c.json(
      pageOf(c, found, limit, ({ sequence }) => [sequence]),
      200,
    );
  });
}
