import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { actorOf } from '../../access/principal.ts';
import { controlBodySchema, controlledSchema } from '@sluice/api';
import { controlCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { workerParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const verbs = {
  drain: { held: true, summary: 'Drain an instance' },
  undrain: { held: false, summary: 'Let a drained instance work again' },
};

/** `POST /v1/workers/{service}/{instance}/drain` and `…/undrain`. */
export function drainWorker(app: OpenAPIHono, deps: GatewayDeps, verb: keyof typeof verbs): void {
  const { held, summary } = verbs[verb];
  const route = createRoute({
    method: 'post',
    path: `/v1/workers/{service}/{instance}/${verb}` as const,
    operationId: `${verb}Worker`,
    'x-right': 'operations.change',
    summary,
    description:
      'A drained instance finishes what it runs, takes no more and lives on. It holds for the name of the instance, ' +
      'over restarts, until it is lifted or the instance has been gone for an hour.',
    tags: ['operations'],
    request: { params: workerParam, body: jsonBody(controlBodySchema) },
    responses: {
      200: jsonContent(controlledSchema, 'So it is now.'),
      ...problems(...commandBodyProblems, ...commandProblems, 'worker.not-found'),
    },
  });
  app.openapi(route, async (c) => {
    const { service, instance } = c.req.valid('param');
    const name = `${service}/${instance}`;
    const input = { ...actorOf(c, c.req.valid('json')), kind: 'worker' as const, name, held };
    return c.json(await sendCommand(deps.bus, controlCommand, input), 200);
  });
}
