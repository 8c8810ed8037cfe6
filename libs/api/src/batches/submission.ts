import { z } from '../documented-zod.ts';
import { submissionParametersSchema } from '../requests/submission.ts';

/** Parameters of a batch beside its files, in the query or in a form. */
export const batchParametersSchema = submissionParametersSchema.omit({ format: true });

const { lane, scope, requester, label, platform } = batchParametersSchema.shape;
const binary = z.string().openapi({ format: 'binary' });

/** A batch as a body, by its media type: a zip, or a form with a zip or several files, and the parameters beside them. */
export const batchBodies = {
  'application/zip': binary,
  // Without defaults: generators of clients read a field that has one as required.
  'multipart/form-data': z.strictObject({
    file: z.array(binary).openapi({
      description: 'A zip, or up to 500 files. The name of each is its path in the batch, with slashes.',
    }),
    lane: lane.unwrap().optional(),
    scope: scope.unwrap().optional(),
    requester,
    label,
    platform,
  }),
};

/** A batch that is durable. */
export const acceptedBatchSchema = z
  .object({
    id: z.uuid(),
    repeated: z.boolean().openapi({ description: 'This Idempotency-Key was accepted before.' }),
  })
  .openapi('AcceptedBatch');
export type AcceptedBatch = z.infer<typeof acceptedBatchSchema>;
