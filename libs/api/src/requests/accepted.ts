import { z } from '../documented-zod.ts';

/** A submission that is durable. */
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
export type Accepted = z.infer<typeof acceptedSchema>;
