import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { createdKeySchema, tokenExchangeSchema } from '@sluice/api';
import { withOutbox } from '@sluice/delivery';
import { exchangeToken } from '../../access/exchange-token.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/auth/exchange',
  operationId: 'exchangeToken',
  'x-right': 'public',
  'x-quota': 'auth',
  security: [],
  summary: 'Exchange the token of a build for a key',
  description:
    'A build system signs a token for each run that says which repository it is of. Where a rule of TRUST_RULES trusts it, it counts once, ' +
    'for a key of some minutes with the roles of the rule.',
  tags: ['access'],
  request: { body: jsonBody(tokenExchangeSchema) },
  responses: {
    201: jsonContent(createdKeySchema, 'The key.'),
    ...problems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...askingProblems,
      'access.token-refused',
      'access.token-used',
      'access.issuer-unavailable',
    ),
  },
});

export function exchangeIdToken(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const trusted = await deps.idTokens.verify(c.req.valid('json').token);
    const { result, written } = await withOutbox(deps.own, (tx) => exchangeToken(tx, trusted, new Date()));
    deps.published(written);
    deps.keysChanged();
    return c.json(result, 201);
  });
}
