import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { webhookActionSchema, webhookSchema } from '@sluice/api';
import { removeWebhookCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/webhooks/{id}',
  operationId: 'removeWebhook',
  'x-right': 'webhooks.manage',
  summary: 'Remove a webhook with its deliveries',
  tags: ['webhooks'],
  request: { params: requestIdParam, body: jsonBody(webhookActionSchema) },
  responses: {
    200: jsonContent(webhookSchema, 'So it was.'),
    ...problems(...commandBodyProblems, ...commandProblems, 'webhook.not-found'),
  },
});

export function removeWebhook(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const input = { webhookId: c.req.valid('param').id, ...actorOf(c, c.req.valid('json')) };
    return c.json(await sendCommand(deps.bus, removeWebhookCommand, input), 200);
  });
}
