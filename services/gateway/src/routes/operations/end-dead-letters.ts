import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { actorOf } from '../../access/principal.ts';
import { deadLetterActionSchema, deadLetterResultSchema } from '@sluice/api';
import { discardCommand, redriveCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const verbs = {
  redrive: {
    command: redriveCommand,
    summary: 'Put dead letters back into the flow',
    description:
      'Those named, or all that fit the filter, 50 a second. A package version that was failed over one gets a new assessment.',
  },
  discard: {
    command: discardCommand,
    summary: 'Remove dead letters for good',
    description: 'The audit keeps the messages, who discarded them and why.',
  },
};

/** `POST /v1/dead-letters/redrive` and `…/discard`: the two ways in which a dead letter ends. */
export function endDeadLetters(app: OpenAPIHono, deps: GatewayDeps, verb: keyof typeof verbs): void {
  const { command, summary, description } = verbs[verb];
  const route = createRoute({
    method: 'post',
    path: `/v1/dead-letters/${verb}` as const,
    operationId: `${verb}DeadLetters`,
    'x-right': 'operations.change',
    summary,
    description,
    tags: ['operations'],
    request: { body: jsonBody(deadLetterActionSchema) },
    responses: {
      200: jsonContent(deadLetterResultSchema, 'What was done.'),
      ...problems(...commandBodyProblems, ...commandProblems),
    },
  });
  app.openapi(route, async (c) => {
    const {
      sequences = null,
      kind = null,
      service = null,
      code = null,
      ...rest
    } = actorOf(c, c.req.valid('json'));
    const input = { limit: 100, ...rest, sequences, kind, service, code };
    return c.json(await sendCommand(deps.bus, command, input), 200);
  });
}
