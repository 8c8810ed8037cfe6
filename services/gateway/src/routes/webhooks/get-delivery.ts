import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { deliveryDetailSchema } from '@sluice/api';
import { findDeliveryCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../../deps.ts';
import { deliveryParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/webhooks/{id}/deliveries/{delivery}',
  operationId: 'getDelivery',
  'x-right': 'webhooks.manage',
  summary: 'A message to a webhook, and what came of each try',
  tags: ['webhooks'],
  request: { headers: ifNoneMatch, params: deliveryParam },
  responses: {
    ...polled(deliveryDetailSchema, 'The delivery.'),
    ...problems(...commandProblems, 'webhook.not-found', 'delivery.not-found'),
  },
});

export function getDelivery(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id: webhookId, delivery: deliveryId } = c.req.valid('param');
    return c.json(await sendCommand(deps.bus, findDeliveryCommand, { webhookId, deliveryId }), 200);
  });
}
