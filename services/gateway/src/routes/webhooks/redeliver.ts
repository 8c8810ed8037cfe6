import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { deliverySchema, webhookActionSchema } from '@sluice/api';
import { redeliverCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { deliveryParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/webhooks/{id}/deliveries/{delivery}/redeliver',
  operationId: 'redeliver',
  'x-right': 'webhooks.manage',
  'x-quota': 'webhooks',
  summary: 'Send a message again',
  description: 'With the same `webhook-id`, and as many tries as at first.',
  tags: ['webhooks'],
  request: { params: deliveryParam, body: jsonBody(webhookActionSchema) },
  responses: {
    202: jsonContent(deliverySchema, 'It is on its way.'),
    ...problems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...commandProblems,
      'webhook.not-found',
      'webhook.disabled',
      'delivery.not-found',
    ),
  },
});

export function redeliver(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id: webhookId, delivery: deliveryId } = c.req.valid('param');
    const input = { webhookId, deliveryId, ...actorOf(c, c.req.valid('json')) };
    return c.json((await sendCommand(deps.bus, redeliverCommand, input)).delivery, 202);
  });
}
