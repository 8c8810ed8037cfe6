import { z } from '../documented-zod.ts';
import { moment } from '../moment.ts';

/** The failed try that a package version waits to repeat. */
export const lastErrorSchema = z
  .object({
    stage: z.string(),
    code: z.string(),
    detail: z.string(),
    stageAttempt: z.number().int(),
    counted: z.boolean(),
    failedAt: moment,
    nextTryAt: moment,
    worker: z.string(),
  })
  .nullable()
  .openapi({ description: 'The failed try that is waiting to be repeated.' });
export type LastError = NonNullable<z.infer<typeof lastErrorSchema>>;

/** A try of a stage that failed. */
export const failedTrySchema = z
  .object({
    at: moment,
    assessmentAttempt: z.number().int(),
    stage: z.string(),
    stageAttempt: z.number().int().nullable().openapi({
      description: 'Attempts of the stage that counted, this one included; null when it was not asked.',
    }),
    counted: z.boolean().openapi({ description: 'False for outages and shutdowns: they cost no attempt.' }),
    code: z.string(),
    detail: z.string(),
    worker: z.string().nullable(),
    nextTryAt: moment.nullable().openapi({ description: 'Null when it was the last.' }),
  })
  .openapi('FailedTry');
export type FailedTry = z.infer<typeof failedTrySchema>;
