import { PermanentError } from '@sluice/contracts';
import type { z } from '@hono/zod-openapi';

/** An opaque place in a list: the sort key of the last row that was sent. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * @param schema what a sort key of this list looks like; the database is asked about nothing else.
 * @throws PermanentError `input.invalid` for anything that this list did not hand out.
 */
export function decodeCursor<Key>(cursor: string | undefined, schema: z.ZodType<Key>): Key | null {
  if (cursor === undefined) return null;
  try {
    const key = schema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (key.success) return key.data;
  } catch {
    // Falls through to the one answer for every cursor that is none.
  }
  throw new PermanentError('input.invalid', 'cursor: not one that this list handed out.');
}
