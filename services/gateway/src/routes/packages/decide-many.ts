import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { decidedManySchema, decisionPreviewSchema, decisionsBodySchema, scopeQuery } from '@sluice/api';
import { sendCommand } from '@sluice/broker';
import { decideManyCommand, requireScope, type DecideManyInput } from '@sluice/contracts';
import { personOf } from '../../access/person-of.ts';
import { actorOf } from '../../access/principal.ts';
import type { GatewayDeps } from '../../deps.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';
import { readPurl } from './get-package.ts';

const refusals = [
  ...commandBodyProblems,
  ...commandProblems,
  'purl.invalid',
  'scope.unknown',
  'decision.too-many',
] as const;
const previewRoute = createRoute({
  method: 'post',
  path: '/v1/decisions/preview',
  operationId: 'previewDecisions',
  'x-right': 'packages.decide',
  'x-quota': 'decide',
  tags: ['packages'],
  summary: 'Say how many decisions at once would be answered',
  description: 'Each package version is decided as it would be, and taken back. Nothing is changed or told.',
  request: { query: scopeQuery, body: jsonBody(decisionPreviewSchema) },
  responses: {
    200: jsonContent(decidedManySchema, 'The answer for each package version.'),
    ...problems('quota.exceeded', ...refusals),
  },
});

const decideRoute = createRoute({
  method: 'post',
  path: '/v1/decisions',
  operationId: 'decideMany',
  'x-right': 'packages.decide',
  'x-quota': 'decide',
  tags: ['packages'],
  summary: 'Approve or reject up to 500 package versions at once',
  description:
    'By their names, or those that wait for a person for one reason alone. Each is a decision of its own, with its own row in the audit; one ' +
    'that is refused stops no other. What has changed since the preview is refused with `decision.stale`, where it is named with what the preview said of it. ' +
    'Sent again, those that were decided are refused with `decision.unchanged`.',
  request: { query: scopeQuery, body: jsonBody(decisionsBodySchema) },
  responses: {
    200: jsonContent(decidedManySchema, 'The answer for each package version.'),
    ...problems('quota.exceeded', ...refusals, 'decision.count-differs'),
  },
});

interface LookedAt {
  purl: string;
  assessmentId: string | null;
  sequence?: number | null | undefined;
}

interface Wish {
  by: string;
  reason: string;
  decision: 'approve' | 'reject';
  until?: string | null | undefined;
  packages?: (string | LookedAt)[] | undefined;
  code?: string | undefined;
}

function inputOf(wish: Wish, scope: string): Omit<DecideManyInput, 'expectedCount' | 'dryRun'> {
  const named = wish.packages?.map((one) =>
    typeof one === 'string'
      ? { purl: readPurl(one, 'body'), look: null }
      : {
          purl: readPurl(one.purl, 'body'),
          look: { assessmentId: one.assessmentId, sequence: one.sequence ?? null },
        },
  );
  const looks = named?.flatMap(({ purl, look }) => (look === null ? [] : [[purl, look] as const]));
  return {
    by: wish.by,
    reason: wish.reason,
    scope,
    state: wish.decision === 'approve' ? 'approved' : 'rejected',
    until: wish.until ?? null,
    purls: named?.map(({ purl }) => purl) ?? null,
    looks: looks ? Object.fromEntries(looks) : null,
    code: wish.code ?? null,
  };
}

export function previewDecisions(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(previewRoute, async (c) => {
    const { scope } = c.req.valid('query');
    requireScope(scope, deps.scopes);
    const wish = inputOf(actorOf(c, c.req.valid('json')), scope);
    const counted = await personOf(deps.own, c.var.principal, wish.by);
    const input = { ...wish, ...counted, expectedCount: null, dryRun: true };
    return c.json(await sendCommand(deps.bus, decideManyCommand, input), 200);
  });
}

export function decideMany(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(decideRoute, async (c) => {
    const { scope } = c.req.valid('query');
    requireScope(scope, deps.scopes);
    const { expectedCount, ...wish } = actorOf(c, c.req.valid('json'));
    const counted = await personOf(deps.own, c.var.principal, wish.by);
    const input = { ...inputOf(wish, scope), ...counted, expectedCount, dryRun: false };
    return c.json(await sendCommand(deps.bus, decideManyCommand, input), 200);
  });
}
