import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  cursorQuery,
  deadLetterActionSchema,
  deadLetterResultSchema,
  deadLetterSchema,
  deadLetterSummarySchema,
  ifNoneMatch,
  jsonContent,
  limitQuery,
  page,
  polled,
  wholeNumber,
} from '@sluice/api';
import {
  PermanentError,
  discardCommand,
  redriveCommand,
  visibleText,
  type DeadLettersInput,
} from '@sluice/contracts';
import { listDeadLetters, readDeadLetter } from '@sluice/delivery';
import { sendCommand } from '@sluice/broker';
import { commandBodyProblems } from '../command-body.ts';
import type { GatewayDeps } from '../deps.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { askingProblems, commandProblems, problems } from '../problem.ts';

const sortKey = z.tuple([z.number().int().positive()]);

const list = createRoute({
  method: 'get',
  path: '/v1/dead-letters',
  operationId: 'listDeadLetters',
  summary: 'List messages that could not be processed, oldest first',
  tags: ['operations'],
  request: {
    headers: ifNoneMatch,
    query: z.object({
      kind: z.enum(['dlq', 'parked']).optional(),
      service: z
        .string()
        .regex(/^[a-z-]{1,40}$/)
        .optional(),
      code: visibleText(100).optional(),
      limit: limitQuery(100, 50),
      cursor: cursorQuery,
    }),
  },
  responses: {
    ...polled(page(deadLetterSummarySchema, 'DeadLetterPage'), 'A page of dead letters.'),
    ...problems(...askingProblems),
  },
});

const get = createRoute({
  method: 'get',
  path: '/v1/dead-letters/{sequence}',
  operationId: 'getDeadLetter',
  summary: 'A dead letter whole: message, headers, error, stack',
  tags: ['operations'],
  request: {
    headers: ifNoneMatch,
    params: z.object({
      sequence: wholeNumber(1, Number.MAX_SAFE_INTEGER).openapi({
        param: { name: 'sequence', in: 'path' },
        example: 7,
      }),
    }),
  },
  responses: {
    ...polled(deadLetterSchema, 'The dead letter.'),
    ...problems(...askingProblems, 'dead-letter.not-found'),
  },
});

const action = (name: 'redrive' | 'discard', summary: string, description: string) =>
  createRoute({
    method: 'post',
    path: `/v1/dead-letters/${name}`,
    operationId: `${name}DeadLetters`,
    summary,
    description,
    tags: ['operations'],
    request: {
      body: { required: true, content: { 'application/json': { schema: deadLetterActionSchema } } },
    },
    responses: {
      200: jsonContent(deadLetterResultSchema, 'What was done.'),
      ...problems(...commandBodyProblems, ...commandProblems),
    },
  });

const redrive = action(
  'redrive',
  'Put dead letters back into the flow',
  'Those named, or all that fit the filter, 50 a second. A package version that was failed over one gets a new assessment.',
);
const discard = action(
  'discard',
  'Remove dead letters for good',
  'The audit keeps the messages, who discarded them and why.',
);

/** Lists, redrives and discards messages that could not be processed. */
export function deadLetters(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    const after = decodeCursor(cursor, sortKey);
    const found = await listDeadLetters(deps.bus, {
      ...filter,
      limit: limit + 1,
      after: after?.[0],
    });
    return c.json(pageOf(c, found, limit, ({ sequence }) => [sequence]) as never, 200);
  });
  app.openapi(get, async (c) => {
    const { sequence } = c.req.valid('param');
    const letter = await readDeadLetter(deps.bus, sequence);
    if (!letter) throw new PermanentError('dead-letter.not-found', `There is no dead letter ${sequence}.`);
    return c.json(letter as never, 200);
  });
  app.openapi(redrive, async (c) =>
    c.json((await sendCommand(deps.bus, redriveCommand, actionOf(c.req.valid('json')))) as never, 200),
  );
  app.openapi(discard, async (c) =>
    c.json((await sendCommand(deps.bus, discardCommand, actionOf(c.req.valid('json')))) as never, 200),
  );
}

function actionOf(body: z.infer<typeof deadLetterActionSchema>): DeadLettersInput {
  const { sequences = null, kind = null, service = null, code = null, limit = 100 } = body;
  return { by: body.by, reason: body.reason, sequences, kind, service, code, limit };
}
