import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { apiKeySchema, revokeKeySchema } from '@sluice/api';
import { withOutbox } from '@sluice/delivery';
import { revokeKey } from '../../access/api-keys.ts';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { keyParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/keys/{key}/revoke',
  operationId: 'revokeKey',
  'x-right': 'keys.manage',
  'x-quota': 'keys',
  summary: 'Revoke an API key',
  description: 'It counts no more from the next request on. Revoking again changes nothing.',
  tags: ['access'],
  request: { params: keyParam, body: jsonBody(revokeKeySchema) },
  responses: {
    200: jsonContent(apiKeySchema, 'The key, which has ended.'),
    ...problems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...askingProblems,
      'access.not-yourself',
      'access.key-not-found',
    ),
  },
});

export function revokeApiKey(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { key } = c.req.valid('param');
    const actor = actorOf(c, c.req.valid('json'));
    const { result, written } = await withOutbox(deps.own, (tx) => revokeKey(tx, key, actor));
    deps.published(written);
    deps.keysChanged();
    return c.json(result, 200);
  });
}
