import { z } from './documented-zod.ts';
import { laneSchema, momentSchema, purlLengthMax, stageNameSchema, visibleText } from '@sluice/contracts';
import { actor, waitSchema } from './control-schemas.ts';

/** Schemas of answers, for the OpenAPI document. The queries' types are those of the data sent. */

export const date = z.iso.datetime().openapi({ example: '2026-03-01T09:30:00.000Z' });
const counts = z.record(z.string(), z.number().int());
export const coded = z.object({ code: z.string(), message: z.string() });

export const requestIdParam = z.object({
  id: z
    .uuid()
    .openapi({ param: { name: 'id', in: 'path' }, example: '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11' }),
});

export const purlParam = z.object({
  purl: visibleText(purlLengthMax).openapi({
    param: { name: 'purl', in: 'path' },
    description: 'Package URL, percent-encoded.',
    example: 'pkg:npm/lodash@4.17.21',
  }),
});

/** A whole number as it stands in an address: digits and nothing else. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max))
    .openapi({ type: 'integer', minimum: min, maximum: max });

export const limitQuery = (max: number, fallback: number) =>
  wholeNumber(1, max).default(fallback).openapi({ example: fallback });
export const cursorQuery = z
  .string()
  .max(500)
  .optional()
  .openapi({ description: '`nextCursor` of the page before.' });

/** Of lists that are seldom longer than a page. */
export const wholePage = z.object({ limit: limitQuery(500, 100), cursor: cursorQuery });

export const acceptedSchema = z
  .object({
    id: z.uuid(),
    itemCount: z
      .number()
      .int()
      .openapi({ example: 312, description: 'Package versions and pins in the submission.' }),
    entryCount: z
      .number()
      .int()
      .openapi({ example: 347, description: 'Entries of the file, before they were merged.' }),
    repeated: z.boolean().openapi({ description: 'This Idempotency-Key was accepted before.' }),
  })
  .openapi('Accepted');

export const requestStateSchema = z.enum(['queued', 'open', 'completed', 'cancelled', 'failed']).openapi({
  description:
    '`queued`: accepted, and not taken in yet; `open`: items are assessed; `completed`: every item ended; `cancelled`: ' +
    'by a person; `failed`: it could not be taken in.',
});
export type RequestState = z.infer<typeof requestStateSchema>;

export const requestSchema = z
  .object({
    id: z.uuid(),
    state: requestStateSchema,
    failure: z
      .object({ code: z.string(), detail: z.string(), remedy: z.string() })
      .nullable()
      .openapi({ description: 'Why the request could not be taken in, when its state is `failed`.' }),
    lane: z.string(),
    requester: z.string(),
    labels: z.record(z.string(), z.string()),
    format: z.string().openapi({ example: 'npm-package-lock@3' }),
    filename: z.string().nullable(),
    itemCount: z.number().int(),
    entryCount: z.number().int(),
    endedItems: z.number().int(),
    progress: z.number().openapi({
      description: 'Share of the items that ended, 0 to 1. It never goes back within a round.',
      example: 0.75,
    }),
    counts: counts.openapi({
      description: 'Ended items by outcome.',
      example: { approve: 290, review: 20, reject: 2 },
    }),
    submittedAt: date,
    completedAt: date.nullable(),
    cancelledAt: date.nullable(),
    round: z.number().int().openapi({
      description:
        'Counts how often the request was opened, from 1: a retry of failed items begins another round.',
    }),
    traceId: z.string().nullable(),
  })
  .openapi('Request');

export const requestDetailSchema = requestSchema
  .extend({
    open: counts.openapi({
      description: 'Items that have not ended, by what they wait for.',
      example: { queued: 3, download: 5 },
    }),
    ratePerSecond: z.number().nullable(),
    etaSeconds: z.number().nullable(),
    waitsFor: z.array(waitSchema),
    reasons: z.array(z.object({ code: z.string(), outcome: z.string(), items: z.number().int() })),
    advisories: z.array(z.looseObject({ ecosystem: z.string(), recordCount: z.number() })),
  })
  .openapi('RequestDetail');

export const decideBodySchema = z
  .strictObject({
    ...actor('Only used at build time.'),
    until: momentSchema.nullish().openapi({ description: 'When the decision ends by itself.' }),
    assessmentId: z
      .uuid()
      .nullish()
      .openapi({ description: 'The assessment that was looked at; a newer one makes this fail.' }),
  })
  .openapi('Decide');

export const decidedSchema = z
  .object({ purl: z.string(), assessmentId: z.uuid(), decision: z.looseObject({ state: z.string() }) })
  .openapi('Decided');

export const cancelBodySchema = z.strictObject(actor('The wrong branch was submitted.')).openapi('Cancel');
export const cancelledSchema = z
  .object({
    requestId: z.uuid(),
    items: z.number().int().openapi({ description: 'Items that ended through this.' }),
    assessments: z.number().int().openapi({ description: 'Assessments that nobody waits for any more.' }),
  })
  .openapi('Cancelled');

export const changeLaneBodySchema = z
  .strictObject({ ...actor('The release waits for it.'), lane: laneSchema })
  .openapi('ChangeLane');
export const laneChangedSchema = z
  .object({ requestId: z.uuid(), lane: laneSchema, assessments: z.number().int() })
  .openapi('LaneChanged');

export const retryBodySchema = z
  .strictObject({
    ...actor('The token was renewed.'),
    requestId: z.uuid().nullish().openapi({ description: 'Failed items of this request only.' }),
    purl: visibleText(purlLengthMax).nullish().openapi({ description: 'Of this package version only.' }),
    code: visibleText(100)
      .nullish()
      .openapi({ description: 'Failed with this code only.', example: 'registry.version-not-found' }),
    stage: stageNameSchema.nullish().openapi({ description: 'Failed in this stage only.' }),
    limit: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .openapi({ description: 'Items at most; 1,000 unless given.' }),
  })
  .openapi('Retry');
export const retriedSchema = z
  .object({
    items: z.number().int(),
    requests: z.number().int(),
    packages: z.number().int(),
    skipped: z
      .number()
      .int()
      .optional()
      .openapi({ description: 'Failed items of cancelled requests, which are left alone.' }),
  })
  .openapi('Retried');

export const deadLetterSummarySchema = z
  .object({
    sequence: z.number().int(),
    kind: z.enum(['dlq', 'parked']),
    service: z.string(),
    consumer: z.string(),
    subject: z.string(),
    eventId: z.string(),
    code: z.string(),
    error: z.string(),
    worker: z.string(),
    deliveries: z.number().int(),
    attempts: z.number().int(),
    failedAt: z.string(),
  })
  .openapi('DeadLetterSummary');

export const deadLetterSchema = deadLetterSummarySchema
  .extend({ stack: z.string(), headers: z.record(z.string(), z.string()), payload: z.string() })
  .openapi('DeadLetter');

export const deadLetterActionSchema = z
  .strictObject({
    ...actor('Its cause was mended.'),
    sequences: z
      .array(z.number().int().positive())
      .max(1_000)
      .nullish()
      .openapi({ description: 'These dead letters.', example: [7, 9] }),
    kind: z.enum(['dlq', 'parked']).nullish().openapi({ description: 'Of this kind only.' }),
    service: visibleText(100).nullish().openapi({ description: 'Of this service only.' }),
    code: visibleText(100).nullish().openapi({ description: 'With this error code only.' }),
    limit: z
      .number()
      .int()
      .min(1)
      .max(1_000)
      .optional()
      .openapi({ description: 'Dead letters at most; 100 unless given.' }),
  })
  .openapi('DeadLetterAction');
export const deadLetterResultSchema = z
  .object({ done: z.array(z.number().int()), gone: z.array(z.number().int()) })
  .openapi('DeadLetterResult');

export function page<Item extends z.ZodType>(item: Item, name: string) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() }).openapi(name);
}

export function jsonContent<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** Answers of a route that clients poll: it has a tag, with which the next request is answered without a body. */
export function polled<Schema extends z.ZodType>(schema: Schema, description: string) {
  const headers = z.object({
    etag: z.string().openapi({ description: 'Tag of the content.', example: 'W/"33a64df5"' }),
  });
  return {
    200: { ...jsonContent(schema, description), headers },
    304: { description: 'Nothing changed since the answer with the tag in If-None-Match.' },
  };
}

export const ifNoneMatch = z.object({
  'if-none-match': z
    .string()
    .optional()
    .openapi({ description: '`ETag` of an earlier answer.', example: 'W/"33a64df5"' }),
});
