import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { deadLetterSchema } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import { readDeadLetter } from '@sluice/delivery';
import type { GatewayDeps } from '../../deps.ts';
import { sequenceParam } from '../../http/path-parameters.ts';
import { askingProblems, problems } from '../../http/problem.ts';
import { ifNoneMatch, polled } from '../../http/responses.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/dead-letters/{sequence}',
  operationId: 'getDeadLetter',
  'x-right': 'dead-letters.read',
  summary: 'A dead letter whole: message, headers, error, stack',
  tags: ['operations'],
  request: { headers: ifNoneMatch, params: sequenceParam },
  responses: {
    ...polled(deadLetterSchema, 'The dead letter.'),
    ...problems(...askingProblems, 'dead-letter.not-found'),
  },
});

export function getDeadLetter(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { sequence } = c.req.valid('param');
    const letter = await readDeadLetter(deps.bus, sequence);
    if (!letter) throw new PermanentError('dead-letter.not-found', `There is no dead letter ${sequence}.`);
    return c.json(letter, 200);
  });
}
