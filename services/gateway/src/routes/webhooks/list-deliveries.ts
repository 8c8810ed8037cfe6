import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { deliveriesQuery, deliveryPageSchema } from '@sluice/api';
import { listDeliveriesCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../../deps.ts';
import { decodeCursor, pageOf, submittedSortKey } from '../../http/page.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/webhooks/{id}/deliveries',
  operationId: 'listDeliveries',
  'x-right': 'webhooks.manage',
  summary: 'The messages to a webhook, newest first',
  tags: ['webhooks'],
  request: { headers: ifNoneMatch, params: requestIdParam, query: deliveriesQuery },
  responses: {
    ...polled(deliveryPageSchema, 'A page of deliveries.'),
    ...problems(...commandProblems, 'webhook.not-found'),
  },
});

export function listDeliveries(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const webhookId = c.req.valid('param').id;
    const { state = null, limit, cursor } = c.req.valid('query');
    const key = decodeCursor(cursor, submittedSortKey);
    const after = key && { createdAt: key[0], id: key[1] };
    const input = { webhookId, state, after, limit: limit + 1 };
    const { deliveries } = await sendCommand(deps.bus, listDeliveriesCommand, input);
    const { items, nextCursor } = pageOf(c, deliveries, limit, ({ createdAt, id }) => [createdAt, id]);
    return c.json({ items, nextCursor }, 200);
  });
}
