import { cancelBatchCommand } from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';

export const batchActionSchema = z
  .strictObject(actor('The wrong branch was submitted.'))
  .openapi('BatchAction');

const { shape } = cancelBatchCommand.output;

export const cancelledBatchSchema = z
  .object({
    ...shape,
    requests: documentable(shape.requests).openapi({
      description:
        'Requests that were cancelled by now. Those that are still read are cancelled when they come.',
    }),
  })
  .openapi('CancelledBatch');
