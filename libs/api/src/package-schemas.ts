import { z } from './documented-zod.ts';
import { itemOutcomeSchema, stageNames, stageNameSchema } from '@sluice/contracts';
import { coded, date } from './schemas.ts';

/** Schemas of answers about items and package versions. */

/** States as answers show them, and as lists are asked for them. */
export const itemStates = ['queued', ...stageNames, 'verdict', 'ended'] as const;
export const decisionStates = ['approved', 'rejected', 'recalled', 'ended'] as const;
export const packageStateSchema = z.enum(['running', 'assessed', 'failed', 'cancelled']);
export const verdictSchema = z.enum(['approve', 'review', 'reject']);

const reason = z.looseObject({ code: z.string(), message: z.string() });
const decision = z
  .looseObject({
    state: z.enum(decisionStates).openapi({ description: '`ended` once it holds no longer.' }),
    reason: z.string(),
    until: date.nullable().openapi({ description: 'When it ends by itself.' }),
  })
  .nullable();

const queuePosition = z
  .number()
  .int()
  .nullable()
  .openapi({
    description:
      'Place in the queue of the awaited stage, an estimate: 1 is handed out next, 0 was handed out and is in work or ' +
      'waits for another try. Null when no stage is awaited.',
  });
const lastError = z
  .object({
    stage: z.string(),
    code: z.string(),
    detail: z.string(),
    stageAttempt: z.number().int(),
    counted: z.boolean(),
    failedAt: date,
    nextTryAt: date,
    worker: z.string(),
  })
  .nullable()
  .openapi({ description: 'The failed try that is waiting to be repeated.' });

export const failedTrySchema = z
  .object({
    at: date,
    assessmentAttempt: z.number().int(),
    stage: z.string(),
    stageAttempt: z.number().int().nullable(),
    counted: z.boolean().openapi({ description: 'False for outages and shutdowns: they cost no attempt.' }),
    code: z.string(),
    detail: z.string(),
    worker: z.string().nullable(),
    nextTryAt: date.nullable().openapi({ description: 'Null when it was the last.' }),
  })
  .openapi('FailedTry');

export const itemSchema = z
  .object({
    ordinal: z.number().int(),
    purl: z.string().nullable(),
    name: z.string(),
    version: z.string().nullable(),
    integrity: z.string().nullable(),
    paths: z.array(z.string()),
    pathCount: z.number().int(),
    dev: z.boolean(),
    optional: z.boolean(),
    bundled: z.boolean(),
    direct: z.boolean(),
    notes: z.array(coded),
    unassessable: coded.nullable(),
    state: z
      .enum(itemStates)
      .openapi({ description: '`queued`, a stage, `verdict` when all evidence is in, or `ended`.' }),
    outcome: itemOutcomeSchema.nullable(),
    reasons: z.array(reason),
    ownReasons: z.array(reason).openapi({
      description:
        'Of the reasons those that hold for this item alone: no decision on its package version lifts them.',
    }),
    follows: z.string().nullable().openapi({
      description:
        'The package version whose outcome it has: a bundled package that no registry has is part of it.',
    }),
    failure: z.looseObject({ code: z.string() }).nullable(),
    decision,
    attempt: z.number().int().nullable(),
    queuePosition,
    lastError,
    assessmentId: z.uuid().nullable(),
    traceId: z.string().nullable(),
    endedAt: date.nullable(),
  })
  .openapi('Item');

export const timelineEntrySchema = z
  .object({
    position: z
      .number()
      .openapi({ description: 'Order over everything that ever happened; the SSE event id.' }),
    sequence: z.number().int().openapi({ description: 'Sequence in the EVENTS stream.' }),
    eventId: z.uuid(),
    subject: z.string(),
    type: z.string(),
    at: date,
    traceId: z.string().nullable(),
    data: z.looseObject({}),
  })
  .openapi('TimelineEntry');

export const packageSummarySchema = z
  .object({
    purl: z.string(),
    state: packageStateSchema,
    stage: stageNameSchema.nullable(),
    outcome: verdictSchema.nullable(),
    decision,
    attempt: z.number().int(),
    requestedAt: date.nullable(),
    endedAt: date.nullable(),
    traceId: z.string().nullable(),
    reasons: z.array(reason).openapi({ description: 'Of its verdict; none before there is one.' }),
  })
  .openapi('PackageSummary');

export const packageSchema = packageSummarySchema
  .extend({
    assessmentId: z.uuid().nullable(),
    lane: z.string(),
    verdict: z.looseObject({ outcome: z.string(), reasons: z.array(reason) }).nullable(),
    failure: z.looseObject({ code: z.string() }).nullable(),
    queuePosition,
    lastError,
    failedTries: z.array(failedTrySchema),
    license: z.looseObject({}).nullable(),
    download: z.looseObject({}).nullable(),
    scan: z.looseObject({}).nullable(),
    timeline: z.array(timelineEntrySchema),
  })
  .openapi('Package');
