import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { webhookSchema } from '@sluice/api';
import { findWebhookCommand, PermanentError } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/webhooks/{id}',
  operationId: 'getWebhook',
  'x-right': 'webhooks.manage',
  summary: 'A webhook, and how its receiver does',
  tags: ['webhooks'],
  request: { headers: ifNoneMatch, params: requestIdParam },
  responses: {
    ...polled(webhookSchema, 'The webhook.'),
    ...problems(...commandProblems, 'webhook.not-found'),
  },
});

export function getWebhook(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const webhookId = c.req.valid('param').id;
    const { webhook } = await sendCommand(deps.bus, findWebhookCommand, { webhookId });
    if (webhook === null)
      throw new PermanentError('webhook.not-found', `No webhook has the id ${webhookId}.`);
    return c.json(webhook, 200);
  });
}
