import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { decidedSchema, emergencyBodySchema, scopeQuery } from '@sluice/api';
import { approveCommand, requireScope } from '@sluice/contracts';
import { personOf } from '../../access/person-of.ts';
import { actorOf } from '../../access/principal.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import { commandPackage } from '../../http/command-request.ts';
import type { GatewayDeps } from '../../deps.ts';
import { purlParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';
import { readPurl } from './get-package.ts';

const hourMs = 3_600_000;

const route = createRoute({
  method: 'post',
  path: '/v1/packages/{purl}/approve-in-emergency',
  operationId: 'approveInEmergency',
  'x-right': 'packages.emergency',
  'x-quota': 'decide',
  summary: 'Approve a package version past the four eyes of the policy',
  description:
    'For a day at most, with a ticket. It is counted and alerted on, and the decision and the audit say so. What the policy lets nobody ' +
    'override stays so.',
  tags: ['packages'],
  request: { params: purlParam, query: scopeQuery, body: jsonBody(emergencyBodySchema) },
  responses: {
    200: jsonContent(decidedSchema, 'The decision that now holds.'),
    ...problems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...commandProblems,
      'purl.invalid',
      'scope.unknown',
      'package.not-found',
      'request.not-taken-in',
      'package.not-assessed',
      'decision.unchanged',
      'decision.blocked',
      'decision.stale',
    ),
  },
});

export function approveInEmergency(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const purl = readPurl(c.req.valid('param').purl, 'path');
    const { by, reason, ticket, hours, assessmentId = null } = actorOf(c, c.req.valid('json'));
    const { scope } = c.req.valid('query');
    requireScope(scope, deps.scopes);
    const until = new Date(Date.now() + hours * hourMs).toISOString();
    const counted = await personOf(deps.own, c.var.principal, by);
    const input = { purl, scope, by, reason, until, assessmentId, emergency: { ticket }, ...counted };
    return c.json(await commandPackage(deps, approveCommand, input), 200);
  });
}
