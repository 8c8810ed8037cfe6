import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { webhookPageSchema, webhooksQuery, z } from '@sluice/api';
import { listWebhooksCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../../deps.ts';
import { decodeCursor, pageOf } from '../../http/page.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/webhooks',
  operationId: 'listWebhooks',
  'x-right': 'webhooks.manage',
  summary: 'List webhooks by name',
  tags: ['webhooks'],
  request: { headers: ifNoneMatch, query: webhooksQuery },
  responses: {
    ...polled(webhookPageSchema, 'A page of webhooks: those of the scopes of who asks.'),
    ...problems(...commandProblems),
  },
});

const sortKey = z.tuple([z.string().max(500), z.uuid()]);

export function listWebhooks(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const key = decodeCursor(cursor, sortKey);
    const { scopes } = c.var.principal;
    const { webhooks } = await sendCommand(deps.bus, listWebhooksCommand, {
      scopes: scopes && [...scopes],
      after: key && { name: key[0], id: key[1] },
      limit: limit + 1,
    });
    const { items, nextCursor } = pageOf(c, webhooks, limit, ({ name, id }) => [name, id]);
    return c.json({ items, nextCursor }, 200);
  });
}
