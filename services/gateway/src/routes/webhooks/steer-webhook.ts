import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { webhookActionSchema, webhookSchema } from '@sluice/api';
import { steerWebhookCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const common = {
  method: 'post' as const,
  'x-right': 'webhooks.manage' as const,
  tags: ['webhooks'],
  request: { params: requestIdParam, body: jsonBody(webhookActionSchema) },
  responses: {
    200: jsonContent(webhookSchema, 'So it is now.'),
    ...problems(...commandBodyProblems, ...commandProblems, 'webhook.not-found'),
  },
};

const enable = createRoute({
  ...common,
  path: '/v1/webhooks/{id}/enable',
  operationId: 'enableWebhook',
  summary: 'Send to a webhook again',
  description: 'What waited is sent. What occurred while it was disabled is not, unless it is replayed.',
});
const disable = createRoute({
  ...common,
  path: '/v1/webhooks/{id}/disable',
  operationId: 'disableWebhook',
  summary: 'Send nothing to a webhook any more',
});

export function steerWebhook(app: OpenAPIHono, { bus }: GatewayDeps): void {
  app.openapi(enable, async (c) => {
    const input = { webhookId: c.req.valid('param').id, ...actorOf(c, c.req.valid('json')) };
    return c.json(await sendCommand(bus, steerWebhookCommand, { ...input, action: 'enable' }), 200);
  });
  app.openapi(disable, async (c) => {
    const input = { webhookId: c.req.valid('param').id, ...actorOf(c, c.req.valid('json')) };
    return c.json(await sendCommand(bus, steerWebhookCommand, { ...input, action: 'disable' }), 200);
  });
}
