import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { newWebhookSchema, webhookSecretSchema } from '@sluice/api';
import { createWebhookCommand, PermanentError, requireScope, uuidV7 } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { actorOf, requireOwnScope } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/webhooks',
  operationId: 'createWebhook',
  'x-right': 'webhooks.manage',
  summary: 'Have another program told what happens',
  description:
    'It is told from now on. The secret that signs its messages is in this answer and in no other.',
  tags: ['webhooks'],
  request: { body: jsonBody(newWebhookSchema) },
  responses: {
    201: {
      ...jsonContent(webhookSecretSchema, 'The webhook and its secret.'),
      headers: z.object({
        location: z.string().openapi({ example: '/v1/webhooks/01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11' }),
      }),
    },
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      'scope.unknown',
      'webhook.address-refused',
      'webhook.name-taken',
      'webhook.too-many',
      'webhook.unavailable',
      'mail.unavailable',
    ),
  },
});

export function createWebhook(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const wish = actorOf(c, c.req.valid('json'));
    const {
      scope = null,
      format = 'standard',
      digest = 'each',
      types = [],
      reason = 'It was added.',
      ...rest
    } = wish;
    const { principal } = c.var;
    if (scope !== null) {
      requireScope(scope, deps.scopes);
      requireOwnScope(principal, scope);
    } else if (principal.scopes !== null)
      throw new PermanentError('access.forbidden', `Name a scope: ${principal.scopes.join(', ')}.`);
    const input = { ...rest, id: uuidV7(), reason, scope, format, digest, types };
    const { webhook, secret } = await sendCommand(deps.bus, createWebhookCommand, input);
    c.header('Location', `/v1/webhooks/${webhook.id}`);
    return c.json({ ...webhook, secret }, 201);
  });
}
