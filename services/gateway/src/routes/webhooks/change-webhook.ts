import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { changedWebhookSchema, webhookSchema } from '@sluice/api';
import { changeWebhookCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'patch',
  path: '/v1/webhooks/{id}',
  operationId: 'changeWebhook',
  'x-right': 'webhooks.manage',
  summary: 'Change a webhook',
  description: 'Fields that are left out stay as they are. What waits goes to the new address.',
  tags: ['webhooks'],
  request: { params: requestIdParam, body: jsonBody(changedWebhookSchema) },
  responses: {
    200: jsonContent(webhookSchema, 'So it is now.'),
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      'webhook.not-found',
      'webhook.address-refused',
      'webhook.name-taken',
      'webhook.unavailable',
      'mail.unavailable',
    ),
  },
});

export function changeWebhook(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { by, reason, ...changes } = actorOf(c, c.req.valid('json'));
    const input = { webhookId: c.req.valid('param').id, by, reason, changes };
    return c.json(await sendCommand(deps.bus, changeWebhookCommand, input), 200);
  });
}
