import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { approvedQuestionSchema, approvedVersionsSchema, scopeQuery } from '@sluice/api';
import { sendCommand } from '@sluice/broker';
import { approvedVersionsCommand, requireScope } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/approved-versions',
  operationId: 'findApprovedVersions',
  'x-right': 'packages.read',
  summary: 'Say which versions of packages may be installed now',
  description:
    'By the decisions themselves, in the scope. Packages of which nothing is approved are left out.',
  tags: ['packages'],
  request: { query: scopeQuery, body: jsonBody(approvedQuestionSchema) },
  responses: {
    200: jsonContent(approvedVersionsSchema, 'Approved versions, by package.'),
    ...problems(...commandBodyProblems, ...commandProblems, 'purl.invalid', 'scope.unknown'),
  },
});

export function findApprovedVersions(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { scope } = c.req.valid('query');
    requireScope(scope, deps.scopes);
    const input = { scope, packages: c.req.valid('json').packages };
    return c.json(await sendCommand(deps.bus, approvedVersionsCommand, input), 200);
  });
}
