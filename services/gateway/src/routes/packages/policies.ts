import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
  policiesQuery,
  policyPageSchema,
  scopeQuery,
  triedPolicySchema,
  tryPolicySchema,
  z,
} from '@sluice/api';
import { sendCommand } from '@sluice/broker';
import { listPoliciesCommand, requireScope, tryPolicyCommand } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import { decodeCursor, pageOf } from '../../http/page.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, jsonBody, jsonContent, polled } from '../../http/responses.ts';

/** When it was activated, its scope and its version there. */
const sortKey = z.tuple([z.iso.datetime(), z.string().max(100), z.number().int()]);

const listPoliciesRoute = createRoute({
  method: 'get',
  path: '/v1/policies',
  operationId: 'listPolicies',
  'x-right': 'packages.read',
  summary: 'List the policies that are or were in force, the last activated first',
  tags: ['packages'],
  request: { headers: ifNoneMatch, query: policiesQuery },
  responses: {
    ...polled(policyPageSchema, 'A page of policies.'),
    ...problems(...commandProblems, 'scope.unknown'),
  },
});

export function listPolicies(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(listPoliciesRoute, async (c) => {
    const { scope, limit, cursor } = c.req.valid('query');
    if (scope !== undefined) requireScope(scope, deps.scopes);
    const [activatedAt, lastScope, version] = decodeCursor(cursor, sortKey) ?? [];
    const { policies } = await sendCommand(deps.bus, listPoliciesCommand, {
      // A scope of others was refused before.
      scopes: scope === undefined ? c.var.principal.scopes : [scope],
      limit: limit + 1,
      after: activatedAt && lastScope && version ? { activatedAt, scope: lastScope, version } : null,
    });
    return c.json(
      pageOf(c, policies, limit, (policy) => [policy.activatedAt, policy.scope, policy.version]),
      200,
    );
  });
}

const tryPolicyRoute = createRoute({
  method: 'post',
  path: '/v1/policies/try',
  operationId: 'tryPolicy',
  'x-right': 'packages.decide',
  'x-quota': 'decide',
  summary: 'Say how a policy would decide on what is in use',
  description:
    'The evidence that is stored is judged by the policy and by the present one, page by page, and what would be decided otherwise is listed. ' +
    'Decisions of people count as they are. Nothing is changed.',
  tags: ['packages'],
  request: { query: scopeQuery, body: jsonBody(tryPolicySchema) },
  responses: {
    200: jsonContent(triedPolicySchema, 'A page of what would change.'),
    ...problems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...commandProblems,
      'scope.unknown',
      'policy.invalid',
    ),
  },
});

export function tryPolicy(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(tryPolicyRoute, async (c) => {
    const { policy, after = null } = c.req.valid('json');
    const { scope } = c.req.valid('query');
    requireScope(scope, deps.scopes);
    return c.json(await sendCommand(deps.bus, tryPolicyCommand, { scope, policy, after }), 200);
  });
}
