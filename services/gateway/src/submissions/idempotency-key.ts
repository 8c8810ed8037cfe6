import { z } from '@hono/zod-openapi';

/** It stands in logs and in the database, and header values beyond ASCII arrive as programs please. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/, 'must be 1 to 200 printable ASCII characters');

/** Headers of a submission. @param what is repeated with a key: `a batch`. */
export const submissionHeaders = (what: string) =>
  z.object({
    'idempotency-key': idempotencyKey
      .optional()
      .openapi({ description: `Repeating ${what} with the same key and requester changes nothing.` }),
    'x-sluice-client': z
      .string()
      .optional()
      .openapi({ description: 'Any value; required with a form.', example: 'curl' }),
  });

/** Marks an answer that was given before, to a request with the same key. */
export const replayedHeader = ['Idempotency-Replayed', 'true'] as const;
export const replayedHeaders = {
  'idempotency-replayed': z
    .literal('true')
    .optional()
    .openapi({ description: 'There when this key was used before: nothing was done again.' }),
};
