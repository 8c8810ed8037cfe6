import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { createdKeySchema, newKeySchema } from '@sluice/api';
import { requireScope } from '@sluice/contracts';
import { withOutbox } from '@sluice/delivery';
import { createKey } from '../../access/api-keys.ts';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/keys',
  operationId: 'createKey',
  'x-right': 'keys.manage',
  'x-quota': 'keys',
  summary: 'Make an API key',
  description:
    'For a person or a service, with roles, for all scopes or some, for a year at most. Two keys of one holder hold at ' +
    'once, so that one can be exchanged for the other. The key is in this answer and nowhere else.',
  tags: ['access'],
  request: { body: jsonBody(newKeySchema) },
  responses: {
    201: jsonContent(createdKeySchema, 'The key.'),
    ...problems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...askingProblems,
      'access.not-yourself',
      'scope.unknown',
    ),
  },
});

export function createApiKey(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { by, scopes = null, ...wish } = actorOf(c, c.req.valid('json'));
    for (const scope of scopes ?? []) requireScope(scope, deps.scopes);
    const { result, written } = await withOutbox(deps.own, (tx) =>
      createKey(tx, { ...wish, scopes }, by, new Date()),
    );
    deps.published(written);
    deps.keysChanged();
    return c.json(result, 201);
  });
}
