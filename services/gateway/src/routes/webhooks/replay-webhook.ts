import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { webhookReplayedSchema, webhookReplaySchema } from '@sluice/api';
import { replayWebhookCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/webhooks/{id}/replay',
  operationId: 'replayWebhook',
  'x-right': 'webhooks.manage',
  'x-quota': 'webhooks',
  summary: 'Send the events of a time to a webhook',
  description:
    'Also those from before it was there. `dryRun` counts them first. Receivers know a message that they had by its `webhook-id`.',
  tags: ['webhooks'],
  request: { params: requestIdParam, body: jsonBody(webhookReplaySchema) },
  responses: {
    200: jsonContent(webhookReplayedSchema, 'How many there are, or are on their way.'),
    ...problems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...commandProblems,
      'webhook.not-found',
      'webhook.disabled',
    ),
  },
});

export function replayWebhook(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const wish = actorOf(c, c.req.valid('json'));
    const { until = null, types = [], dryRun = false, ...rest } = wish;
    const input = { ...rest, webhookId: c.req.valid('param').id, until, types, dryRun };
    return c.json(await sendCommand(deps.bus, replayWebhookCommand, input), 200);
  });
}
