import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { actorOf } from '../../access/principal.ts';
import { controlBodySchema, controlledSchema } from '@sluice/api';
import { controlCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { stageParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const verbs = {
  pause: { held: true, summary: 'Pause a stage' },
  resume: { held: false, summary: 'Let a paused stage go on' },
};

/** `POST /v1/stages/{stage}/pause` and `…/resume`. */
export function holdStage(app: OpenAPIHono, deps: GatewayDeps, verb: keyof typeof verbs): void {
  const { held, summary } = verbs[verb];
  const route = createRoute({
    method: 'post',
    path: `/v1/stages/{stage}/${verb}` as const,
    operationId: `${verb}Stage`,
    'x-right': 'operations.change',
    summary,
    description:
      'A paused stage asks for no more work within about a second, and finishes what it runs. What waits costs no ' +
      'attempt and is never late. Doing it again changes nothing.',
    tags: ['operations'],
    request: { params: stageParam, body: jsonBody(controlBodySchema) },
    responses: {
      200: jsonContent(controlledSchema, 'So it is now.'),
      ...problems(...commandBodyProblems, ...commandProblems),
    },
  });
  app.openapi(route, async (c) => {
    const name = c.req.valid('param').stage;
    const input = { ...actorOf(c, c.req.valid('json')), kind: 'stage' as const, name, held };
    return c.json(await sendCommand(deps.bus, controlCommand, input), 200);
  });
}
