import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { approvalDebtSchema, scopeQuery } from '@sluice/api';
import { requireScope } from '@sluice/contracts';
import type { GatewayDeps } from '../../deps.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';
import { readApprovalDebt } from '../../queries/approval-debt.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/approval-debt',
  operationId: 'getApprovalDebt',
  'x-right': 'packages.read',
  summary: 'How much waits for a person, why, for how long and for how many',
  tags: ['packages'],
  request: { headers: ifNoneMatch, query: scopeQuery },
  responses: {
    ...polled(approvalDebtSchema, 'The debt of the scope.'),
    ...problems(...askingProblems, 'scope.unknown'),
  },
});

export function getApprovalDebt(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { scope } = c.req.valid('query');
    requireScope(scope, deps.scopes);
    return c.json(await readApprovalDebt(deps.read, scope), 200);
  });
}
