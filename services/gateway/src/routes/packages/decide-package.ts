import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { personOf } from '../../access/person-of.ts';
import { actorOf } from '../../access/principal.ts';
import { decideBodySchema, decidedSchema, scopeQuery } from '@sluice/api';
import { approveCommand, rejectCommand, requireScope } from '@sluice/contracts';
import { commandBodyProblems } from '../../http/command-body.ts';
import { commandPackage } from '../../http/command-request.ts';
import type { GatewayDeps } from '../../deps.ts';
import { purlParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';
import { readPurl } from './get-package.ts';

const operations = {
  approve: { command: approveCommand, summary: 'Approve a package version' },
  reject: { command: rejectCommand, summary: 'Reject a package version' },
};

/** `POST /v1/packages/{purl}/approve` and `…/reject`: the same question with two answers. */
export function decidePackage(app: OpenAPIHono, deps: GatewayDeps, name: keyof typeof operations): void {
  const { command, summary } = operations[name];
  const route = createRoute({
    method: 'post',
    path: `/v1/packages/{purl}/${name}` as const,
    operationId: `${name}Package`,
    'x-right': 'packages.decide',
    'x-quota': 'decide',
    summary,
    description:
      'Answered after the decision is durable, which holds in its scope alone. What contradicts the state of things is answered with 409 and why.',
    tags: ['packages'],
    request: { params: purlParam, query: scopeQuery, body: jsonBody(decideBodySchema) },
    responses: {
      200: jsonContent(decidedSchema, 'The decision that now holds.'),
      ...problems(
        'quota.exceeded',
        ...commandBodyProblems,
        ...commandProblems,
        'purl.invalid',
        'scope.unknown',
        'decision.ends-in-past',
        'package.not-found',
        'request.not-taken-in',
        'package.not-assessed',
        'decision.unchanged',
        'decision.blocked',
        'decision.self',
        'decision.needs-second',
        'decision.stale',
      ),
    },
  });
  app.openapi(route, async (c) => {
    const purl = readPurl(c.req.valid('param').purl, 'path');
    const { by, reason, until = null, assessmentId = null } = actorOf(c, c.req.valid('json'));
    const { scope } = c.req.valid('query');
    requireScope(scope, deps.scopes);
    const counted = await personOf(deps.own, c.var.principal, by);
    const input = { purl, scope, by, reason, until, assessmentId, ...counted };
    return c.json(await commandPackage(deps, command, input), 200);
  });
}
