import { redriveCommand, visibleText } from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';
import { pageSchemaOf, pageQuery } from '../page.ts';

const kind = z.enum(['dlq', 'parked']);

/** A message that could not be processed, in a list. */
export const deadLetterSummarySchema = z
  .object({
    sequence: z.number().int(),
    kind: kind.openapi({
      description:
        '`dlq`: processing failed. `parked`: it is of a newer version than the service that got it.',
    }),
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
export type DeadLetterSummary = z.infer<typeof deadLetterSummarySchema>;

export const deadLetterPageSchema = pageSchemaOf(deadLetterSummarySchema, 'DeadLetterPage');
export const deadLettersQuery = z.object({
  kind: kind.optional(),
  service: z
    .string()
    .regex(/^[a-z-]{1,40}$/)
    .optional(),
  code: visibleText(100).optional(),
  ...pageQuery(100, 50),
});

/** A dead letter whole. */
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
    kind: kind.nullish().openapi({ description: 'Of this kind only.' }),
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
export type DeadLetterAction = z.infer<typeof deadLetterActionSchema>;

export const deadLetterResultSchema = documentable(redriveCommand.output).openapi('DeadLetterResult');
