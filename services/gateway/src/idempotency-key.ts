import { z } from '@hono/zod-openapi';

/** It stands in logs and in the database, and header values beyond ASCII arrive as programs please. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/, 'must be 1 to 200 printable ASCII characters');
