import { scopeSchema, visibleText } from '@sluice/contracts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { advisorySetSchema } from '../operations/advisory-set.ts';
import { pageSchemaOf, pageQuery } from '../page.ts';
import { shownScope } from '../scope.ts';
import { waitSchema } from './wait.ts';

const counts = z.record(z.string(), z.number().int());

export const requestStateSchema = z.enum(['queued', 'open', 'completed', 'cancelled', 'failed']).openapi({
  description:
    '`queued`: accepted, and not taken in yet; `open`: items are assessed; `completed`: every item ended; `cancelled`: ' +
    'by a person; `failed`: it could not be taken in.',
});
export type RequestState = z.infer<typeof requestStateSchema>;

/** A request in a list. */
export const requestSchema = z
  .object({
    id: z.uuid(),
    state: requestStateSchema,
    failure: z
      .object({ code: z.string(), detail: z.string(), remedy: z.string() })
      .nullable()
      .openapi({ description: 'Why the request could not be taken in, when its state is `failed`.' }),
    lane: z.string(),
    scope: shownScope,
    requester: z.string(),
    labels: z.record(z.string(), z.string()),
    format: z.string().openapi({ example: 'npm-package-lock@3' }),
    filename: z.string().nullable(),
    itemCount: z.number().int(),
    entryCount: z.number().int(),
    platforms: z.array(z.string()).openapi({
      description: 'Platforms that the request is for; empty: all. Items for others alone are left out.',
      example: ['linux-x64-glibc'],
    }),
    endedItems: z.number().int(),
    progress: z.number().openapi({
      description: 'Share of the items that ended, 0 to 1. It never goes back within a round.',
      example: 0.75,
    }),
    counts: counts.openapi({
      description: 'Ended items by outcome.',
      example: { approve: 290, review: 20, reject: 2 },
    }),
    submittedAt: moment,
    completedAt: moment.nullable(),
    cancelledAt: moment.nullable(),
    round: z.number().int().openapi({
      description:
        'Counts how often the request was opened, from 1: a retry of failed items begins another round.',
    }),
    traceId: z.string().nullable(),
    batchId: z.uuid().nullable().openapi({ description: 'The batch that it is part of.' }),
  })
  .openapi('Request');
export type RequestSummary = z.infer<typeof requestSchema>;

export const requestPageSchema = pageSchemaOf(requestSchema, 'RequestPage');
export const requestsQuery = z.object({
  scope: documentable(scopeSchema).optional().openapi({ description: 'Requests of this scope only.' }),
  requester: visibleText(200).optional(),
  state: requestStateSchema.optional(),
  batch: z.uuid().optional().openapi({ description: 'Requests of this batch only.' }),
  ...pageQuery(200, 50),
});

/** A request by itself: its entry in the list, what it waits for, and what was found. */
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
    advisories: z.array(advisorySetSchema),
  })
  .openapi('RequestDetail');
export type RequestDetail = z.infer<typeof requestDetailSchema>;
