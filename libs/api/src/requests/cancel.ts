import { cancelCommand } from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';

export const cancelBodySchema = z.strictObject(actor('The wrong branch was submitted.')).openapi('Cancel');

const { shape } = cancelCommand.output;

export const cancelledSchema = z
  .object({
    ...shape,
    items: documentable(shape.items).openapi({ description: 'Items that ended through this.' }),
    assessments: documentable(shape.assessments).openapi({
      description: 'Assessments that no request waits for any more.',
    }),
  })
  .openapi('Cancelled');
