import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { deliverySchema, webhookActionSchema } from '@sluice/api';
import { testWebhookCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/webhooks/{id}/test',
  operationId: 'testWebhook',
  'x-right': 'webhooks.manage',
  'x-quota': 'webhooks',
  summary: 'Send a ping to a webhook',
  description: 'Its delivery says what came of it.',
  tags: ['webhooks'],
  request: { params: requestIdParam, body: jsonBody(webhookActionSchema) },
  responses: {
    202: jsonContent(deliverySchema, 'It is on its way.'),
    ...problems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...commandProblems,
      'webhook.not-found',
      'webhook.disabled',
    ),
  },
});

export function testWebhook(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const input = { webhookId: c.req.valid('param').id, ...actorOf(c, c.req.valid('json')) };
    return c.json((await sendCommand(deps.bus, testWebhookCommand, input)).delivery, 202);
  });
}
