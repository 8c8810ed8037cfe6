import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
  newWaiverSchema,
  waiverActionSchema,
  waiverChangedSchema,
  waiverPageSchema,
  waiverQuery,
  waiversQuery,
  z,
} from '@sluice/api';
import { sendCommand } from '@sluice/broker';
import {
  createWaiverCommand,
  endWaiverCommand,
  listWaiversCommand,
  requireScope,
  uuidV7,
} from '@sluice/contracts';
import { personOf } from '../../access/person-of.ts';
import { actorOf } from '../../access/principal.ts';
import type { GatewayDeps } from '../../deps.ts';
import { commandBodyProblems } from '../../http/command-body.ts';
import { decodeCursor, pageOf } from '../../http/page.ts';
import { requestIdParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, jsonBody, jsonContent, polled } from '../../http/responses.ts';

const createWaiverRoute = createRoute({
  method: 'post',
  path: '/v1/waivers',
  operationId: 'createWaiver',
  'x-right': 'packages.decide',
  'x-quota': 'decide',
  summary: 'Waive reasons of a package until a time',
  description:
    'A waived reason stays in verdicts, with who waived it until when, and counts as `approve`. What is in use of the package in the scope ' +
    'is judged anew at once, and again when the waiver ends. What the policy lets nobody override, or wants two people for, cannot be waived.',
  tags: ['packages'],
  request: { query: waiverQuery, body: jsonBody(newWaiverSchema) },
  responses: {
    200: jsonContent(waiverChangedSchema, 'It holds.'),
    ...problems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...commandProblems,
      'scope.unknown',
      'waiver.not-possible',
      'waiver.needs-second',
      'decision.self',
    ),
  },
});

export function createWaiver(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(createWaiverRoute, async (c) => {
    const { range = null, advisories = [], ...wish } = actorOf(c, c.req.valid('json'));
    const { scope } = c.req.valid('query');
    requireScope(scope, deps.scopes);
    const counted = await personOf(deps.own, c.var.principal, wish.by);
    const input = { ...wish, ...counted, range, advisories, scope, id: uuidV7() };
    return c.json(await sendCommand(deps.bus, createWaiverCommand, input), 200);
  });
}

const endWaiverRoute = createRoute({
  method: 'post',
  path: '/v1/waivers/{id}/end',
  operationId: 'endWaiver',
  'x-right': 'packages.decide',
  'x-quota': 'decide',
  summary: 'End a waiver before its time',
  description: 'What is in use of the package in the scope is judged anew at once.',
  tags: ['packages'],
  request: { params: requestIdParam, body: jsonBody(waiverActionSchema) },
  responses: {
    200: jsonContent(waiverChangedSchema, 'It has ended.'),
    ...problems(
      'quota.exceeded',
      ...commandBodyProblems,
      ...commandProblems,
      'waiver.not-found',
      'waiver.ended',
    ),
  },
});

export function endWaiver(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(endWaiverRoute, async (c) => {
    const { scopes } = c.var.principal;
    const input = { ...actorOf(c, c.req.valid('json')), id: c.req.valid('param').id, scopes };
    return c.json(await sendCommand(deps.bus, endWaiverCommand, input), 200);
  });
}

/** When it was made, and its id. */
const sortKey = z.tuple([z.iso.datetime(), z.uuid()]);

const listWaiversRoute = createRoute({
  method: 'get',
  path: '/v1/waivers',
  operationId: 'listWaivers',
  'x-right': 'packages.read',
  summary: 'List waivers, newest first',
  tags: ['packages'],
  request: { headers: ifNoneMatch, query: waiversQuery },
  responses: {
    ...polled(waiverPageSchema, 'A page of waivers.'),
    ...problems(...commandProblems, 'scope.unknown'),
  },
});

export function listWaivers(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(listWaiversRoute, async (c) => {
    const { scope, package: name = null, state = null, limit, cursor } = c.req.valid('query');
    if (scope !== undefined) requireScope(scope, deps.scopes);
    const [createdAt, lastId] = decodeCursor(cursor, sortKey) ?? [];
    const { waivers } = await sendCommand(deps.bus, listWaiversCommand, {
      // A scope of others was refused before.
      scopes: scope === undefined ? c.var.principal.scopes : [scope],
      package: name,
      state,
      limit: limit + 1,
      after: createdAt && lastId ? { createdAt, id: lastId } : null,
    });
    return c.json(
      pageOf(c, waivers, limit, (waiver) => [waiver.createdAt, waiver.id]),
      200,
    );
  });
}
