import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { actorOf } from '../../access/principal.ts';
import { retriedSchema, retryBodySchema } from '@sluice/api';
import { retryCommand } from '@sluice/contracts';
import { commandBodyProblems } from '../../http/command-body.ts';
import { commandRequest } from '../../http/command-request.ts';
import type { GatewayDeps } from '../../deps.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';
import { readPurl } from '../packages/get-package.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/retries',
  operationId: 'retryFailed',
  'x-right': 'operations.change',
  summary: 'Have failed items tried again',
  description:
    'Those of a request, of a package version, or all that failed with a code or in a stage. Their requests are opened ' +
    'again. What has not failed is left alone.',
  tags: ['requests'],
  request: { body: jsonBody(retryBodySchema) },
  responses: {
    202: jsonContent(retriedSchema, 'How much is tried again; the requests say how it goes on.'),
    ...problems(
      ...commandBodyProblems,
      ...commandProblems,
      'purl.invalid',
      'request.not-found',
      'request.not-taken-in',
      'package.not-found',
    ),
  },
});

export function retryFailed(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const {
      by,
      reason,
      requestId = null,
      purl,
      code = null,
      stage = null,
      limit = 1_000,
    } = actorOf(c, c.req.valid('json'));
    const filter = { requestId, purl: purl ? readPurl(purl, 'body') : null, code, stage };
    return c.json(await commandRequest(deps, retryCommand, { by, reason, ...filter, limit }), 202);
  });
}
