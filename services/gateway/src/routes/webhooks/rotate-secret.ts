import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { webhookActionSchema, webhookSecretSchema } from '@sluice/api';
import { rotateSecretCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/webhooks/{id}/rotate-secret',
  operationId: 'rotateWebhookSecret',
  'x-right': 'webhooks.manage',
  summary: 'Give a webhook another secret',
  description: 'The one before signs beside it for 24 hours, so that the receiver can change over.',
  tags: ['webhooks'],
  request: { params: requestIdParam, body: jsonBody(webhookActionSchema) },
  responses: {
    200: jsonContent(webhookSecretSchema, 'The webhook and its new secret.'),
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      'webhook.not-found',
      'webhook.unsigned',
      'webhook.sealed',
      'webhook.unavailable',
    ),
  },
});

export function rotateSecret(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const input = { webhookId: c.req.valid('param').id, ...actorOf(c, c.req.valid('json')) };
    const { webhook, secret } = await sendCommand(deps.bus, rotateSecretCommand, input);
    return c.json({ ...webhook, secret }, 200);
  });
}
