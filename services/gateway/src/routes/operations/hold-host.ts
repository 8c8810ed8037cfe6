import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { actorOf } from '../../access/principal.ts';
import { controlBodySchema, controlledSchema } from '@sluice/api';
import { canonicalHost, controlCommand, PermanentError } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { hostParam } from '../../http/path-parameters.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

const verbs = {
  pause: { held: true, summary: 'Pause a host' },
  resume: { held: false, summary: 'Let a paused host be fetched from again' },
};

/** `POST /v1/hosts/{host}/pause` and `…/resume`. */
export function holdHost(app: OpenAPIHono, deps: GatewayDeps, verb: keyof typeof verbs): void {
  const { held, summary } = verbs[verb];
  const route = createRoute({
    method: 'post',
    path: `/v1/hosts/{host}/${verb}` as const,
    operationId: `${verb}Host`,
    'x-right': 'operations.change',
    summary,
    description:
      'Nothing is fetched from a paused host: package versions that need it wait, others go on. Without a port it is ' +
      'every port of the host.',
    tags: ['operations'],
    request: { params: hostParam, body: jsonBody(controlBodySchema) },
    responses: {
      200: jsonContent(controlledSchema, 'So it is now.'),
      ...problems(...commandBodyProblems, ...commandProblems),
    },
  });
  app.openapi(route, async (c) => {
    const name = hostOf(c.req.valid('param').host);
    const input = { ...actorOf(c, c.req.valid('json')), kind: 'host' as const, name, held };
    return c.json(await sendCommand(deps.bus, controlCommand, input), 200);
  });
}

function hostOf(text: string): string {
  const host = canonicalHost(text);
  if (host === null) {
    const faults = [{ in: 'path' as const, pointer: '/host', detail: 'is no host' }];
    throw new PermanentError('input.invalid', `${JSON.stringify(text)} is no host.`, { faults });
  }
  return host;
}
