import { batchFileResults, scopeSchema, visibleText } from '@sluice/contracts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { pageQuery, pageSchemaOf } from '../page.ts';
import { requestStateSchema } from '../requests/request.ts';
import { shownScope } from '../scope.ts';

const counts = z.record(z.string(), z.number().int());
const count = z.number().int().nullable();

export const batchStateSchema = z.enum(['queued', 'open', 'completed', 'cancelled', 'failed']).openapi({
  description:
    '`queued`: accepted, and its files are not read yet; `open`: its requests are assessed; `completed`: the last of them ' +
    'ended; `cancelled`: by a person; `failed`: no file of it could be read.',
});
export type BatchState = z.infer<typeof batchStateSchema>;

/** A batch in a list. */
export const batchSchema = z
  .object({
    id: z.uuid(),
    state: batchStateSchema,
    failure: z
      .object({ code: z.string(), detail: z.string(), remedy: z.string() })
      .nullable()
      .openapi({ description: 'Why it failed as a whole.' }),
    lane: z.string(),
    scope: shownScope,
    requester: z.string(),
    labels: z.record(z.string(), z.string()),
    platforms: z.array(z.string()),
    filename: z.string().nullable().openapi({ example: 'services.zip' }),
    projectId: z
      .uuid()
      .nullable()
      .openapi({ description: 'The project that it is a refresh of; null for files that were sent.' }),
    fileCount: count.openapi({ description: 'Its files; null until they were read.' }),
    requestCount: count.openapi({ description: 'Files that are requests.' }),
    refusedCount: count.openapi({ description: 'Files that should be lockfiles and cannot be read.' }),
    ignoredCount: count.openapi({ description: 'All other files.' }),
    submittedAt: moment,
    openedAt: moment.nullable().openapi({ description: 'When its files were read.' }),
    completedAt: moment.nullable(),
    cancelledAt: moment.nullable(),
    round: z.number().int().openapi({
      description:
        'Counts how often the batch was opened, from 1: a retry of failed items begins another round.',
    }),
    traceId: z.string().nullable(),
  })
  .openapi('Batch');
export type BatchSummary = z.infer<typeof batchSchema>;

export const batchPageSchema = pageSchemaOf(batchSchema, 'BatchPage');
export const batchesQuery = z.object({
  scope: documentable(scopeSchema).optional().openapi({ description: 'Batches of this scope only.' }),
  requester: visibleText(200).optional(),
  state: batchStateSchema.optional(),
  project: z.uuid().optional().openapi({ description: 'Refreshes of this project only.' }),
  ...pageQuery(200, 50),
});

/** A batch by itself: its entry in the list, and how far its requests are. */
export const batchDetailSchema = batchSchema
  .extend({
    requests: counts.openapi({ description: 'Its requests by state.', example: { open: 2, completed: 5 } }),
    itemCount: z.number().int(),
    endedItems: z.number().int(),
    progress: z.number().openapi({ description: 'Share of the items that ended, 0 to 1.', example: 0.75 }),
    counts: counts.openapi({ description: 'Ended items by outcome.', example: { approve: 290, review: 20 } }),
    ratePerSecond: z
      .number()
      .nullable()
      .openapi({ description: 'Items that ended a second, since its files were read.' }),
    etaSeconds: z.number().nullable(),
  })
  .openapi('BatchDetail');
export type BatchDetail = z.infer<typeof batchDetailSchema>;

const result = z.enum(batchFileResults).openapi({
  description:
    '`request`: it is one; `refused`: it should be a lockfile and cannot be read; `ignored`: it is none that is read.',
});

/** A file of a batch, and its result. */
export const batchFileSchema = z
  .object({
    ordinal: z.number().int(),
    path: z.string().openapi({ example: 'services/pay/poetry.lock' }),
    sizeBytes: z.number().int().nullable(),
    result,
    reason: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .openapi({ description: 'Why it is no request. docs/batches.md has the codes.' }),
    format: z.string().nullable().openapi({ example: 'poetry-lock@2.1' }),
    requestId: z.uuid().nullable(),
    state: requestStateSchema.nullable().openapi({ description: 'Of its request.' }),
    itemCount: count,
    endedItems: count,
    counts: counts.nullable().openapi({ description: 'Ended items of its request by outcome.' }),
  })
  .openapi('BatchFile');
export type ShownBatchFile = z.infer<typeof batchFileSchema>;

export const batchFilePageSchema = pageSchemaOf(batchFileSchema, 'BatchFilePage');
export const batchFilesQuery = z.object({ result: result.optional(), ...pageQuery(1_000, 100) });
