import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { actorOf } from '../../access/principal.ts';
import { replayBodySchema, replayedSchema, z } from '@sluice/api';
import { replayCommand, uuidV5, uuidV7 } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { commandBodyProblems } from '../../http/command-body.ts';
import type { GatewayDeps } from '../../deps.ts';
import { idempotencyKey, replayedHeader, replayedHeaders } from '../../submissions/idempotency-key.ts';
import { commandProblems, problems } from '../../http/problem.ts';
import { jsonBody, jsonContent } from '../../http/responses.ts';

/** A replay that chooses by nothing but its stage. */
const everything = {
  since: null,
  until: null,
  ecosystem: null,
  rulesVersion: null,
  advisoriesVersion: null,
  limit: 100_000,
  dryRun: false,
};

const route = createRoute({
  method: 'post',
  path: '/v1/replays',
  operationId: 'replayStage',
  'x-right': 'operations.change',
  summary: 'Have a stage run again over what was assessed before',
  description:
    'Package versions get a new assessment that begins at the stage, with the evidence of the stages before it kept, in ' +
    'the bulk lane, after the bulk requests before it. What is in flight is joined. A new verdict may recall an approval. Count first ' +
    'with `dryRun`.',
  tags: ['operations'],
  request: {
    headers: z.object({
      'idempotency-key': idempotencyKey
        .optional()
        .openapi({ description: 'Repeating a replay with the same key and `by` changes nothing.' }),
    }),
    body: jsonBody(replayBodySchema),
  },
  responses: {
    200: jsonContent(replayedSchema, 'Counted; nothing was changed.'),
    202: {
      ...jsonContent(replayedSchema, 'Accepted and durable; GET /v1/replays says how far it is.'),
      headers: z.object(replayedHeaders),
    },
    ...problems(...commandBodyProblems, ...commandProblems, 'idempotency.mismatch'),
  },
});

export function replayStage(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const body = actorOf(c, c.req.valid('json'));
    const key = c.req.valid('header')['idempotency-key'];
    const id = key === undefined ? uuidV7() : uuidV5(`replay/${JSON.stringify([body.by, key])}`);
    const replayed = await sendCommand(deps.bus, replayCommand, { ...everything, ...body, id });
    if (replayed.repeated) c.header(...replayedHeader);
    return c.json(replayed, body.dryRun ? 200 : 202);
  });
}
