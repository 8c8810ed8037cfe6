import { purlLengthMax, retryCommand, stageNameSchema, visibleText } from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';

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

const { shape } = retryCommand.output;

export const retriedSchema = z
  .object({
    ...shape,
    skipped: documentable(shape.skipped).openapi({
      description: 'Failed items of cancelled requests, which are left alone.',
    }),
  })
  .openapi('Retried');
export type Retried = z.infer<typeof retriedSchema>;
