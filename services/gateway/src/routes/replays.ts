import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { actor, cursorQuery, ifNoneMatch, jsonContent, limitQuery, page, polled } from '@sluice/api';
import {
  listReplaysCommand,
  momentSchema,
  replayCommand,
  replayFilterSchema,
  stageNameSchema,
  stageNames,
  uuidV5,
  uuidV7,
  visibleText,
} from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { commandBodyProblems } from '../command-body.ts';
import type { GatewayDeps } from '../deps.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { commandProblems, problems } from '../problem.ts';
import { idempotencyKey, replayedHeader, replayedHeaders } from '../idempotency-key.ts';

const { ecosystem, limit: filterLimit } = replayFilterSchema.shape;

const bodySchema = z
  .strictObject({
    ...actor('The rules were extended.'),
    stage: z.enum(stageNames).openapi({ description: 'It runs again, and the stages after it.' }),
    since: momentSchema.nullish().openapi({ description: 'Newest assessment ended then or later.' }),
    until: momentSchema.nullish().openapi({ description: 'Newest assessment ended before.' }),
    ecosystem: ecosystem.optional().openapi({ example: 'npm' }),
    rulesVersion: visibleText(100).nullish().openapi({
      description: 'Evidence of the stage that was made by an older version than this.',
      example: '3fa1c09d77be',
    }),
    advisoriesVersion: visibleText(200).nullish().openapi({
      description: 'Scans that were compared with other advisories than these.',
    }),
    limit: filterLimit.optional().openapi({
      description: 'Package versions at most, those assessed the longest ago; 100,000 unless given.',
    }),
    dryRun: z.boolean().optional().openapi({ description: 'Only count.' }),
  })
  .openapi('Replay');

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

const countedSchema = z
  .object({
    id: z.uuid().nullable().openapi({ description: 'Null of a dry run.' }),
    packages: z.number().int(),
    running: z.number().int().openapi({ description: 'Of them in flight now; these are joined.' }),
    repeated: z.boolean().openapi({ description: 'This Idempotency-Key was accepted before.' }),
  })
  .openapi('Replayed');

const listedSchema = z
  .object({
    id: z.uuid(),
    filter: z.looseObject({ stage: stageNameSchema }),
    by: z.string(),
    reason: z.string(),
    createdAt: z.iso.datetime(),
    state: z.enum(['starting', 'running', 'ended']),
    packages: z.number().int(),
    waiting: z.number().int().openapi({ description: 'Whose turn has not come.' }),
    joined: z.number().int().openapi({ description: 'Were in flight when their turn came.' }),
    running: z.number().int(),
    assessed: z.number().int(),
    failed: z.number().int(),
  })
  .openapi('ListedReplay');

/** When it was asked for, and its id. */
const sortKey = z.tuple([z.iso.datetime(), z.uuid()]);

const post = createRoute({
  method: 'post',
  path: '/v1/replays',
  operationId: 'replayStage',
  summary: 'Have a stage run again over what was assessed before',
  description:
    'Package versions get a new assessment that begins at the stage, with the evidence of the stages before it kept, in ' +
    'the bulk lane and at a bounded pace. What is in flight is joined. A new verdict may recall an approval. Count first ' +
    'with `dryRun`.',
  tags: ['operations'],
  request: {
    headers: z.object({
      'idempotency-key': idempotencyKey
        .optional()
        .openapi({ description: 'Repeating a replay with the same key and `by` changes nothing.' }),
    }),
    body: { required: true, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: jsonContent(countedSchema, 'Counted; nothing was changed.'),
    202: {
      ...jsonContent(countedSchema, 'Accepted and durable; GET /v1/replays says how far it is.'),
      headers: z.object(replayedHeaders),
    },
    ...problems(...commandBodyProblems, ...commandProblems, 'idempotency.mismatch'),
  },
});

const list = createRoute({
  method: 'get',
  path: '/v1/replays',
  operationId: 'listReplays',
  summary: 'List replays and how far they are, newest first',
  tags: ['operations'],
  request: { headers: ifNoneMatch, query: z.object({ limit: limitQuery(100, 20), cursor: cursorQuery }) },
  responses: {
    ...polled(page(listedSchema, 'ReplayPage'), 'A page of replays.'),
    ...problems(...commandProblems),
  },
});

/** Stages that run again over the past. */
export function replays(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(post, async (c) => {
    const body = c.req.valid('json');
    const key = c.req.valid('header')['idempotency-key'];
    const id = key === undefined ? uuidV7() : uuidV5(`replay/${JSON.stringify([body.by, key])}`);
    const replayed = await sendCommand(deps.bus, replayCommand, { ...everything, ...body, id });
    if (replayed.repeated) c.header(...replayedHeader);
    return c.json(replayed as never, body.dryRun ? 200 : 202);
  });
  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const [createdAt, lastId] = decodeCursor(cursor, sortKey) ?? [];
    const after = createdAt && lastId ? { createdAt, id: lastId } : null;
    const { replays: found } = await sendCommand(deps.bus, listReplaysCommand, { limit: limit + 1, after });
    return c.json(pageOf(c, found, limit, (replay) => [replay.createdAt, replay.id]) as never, 200);
  });
}
