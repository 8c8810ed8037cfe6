import { z, type Page } from '@sluice/api';
import { PermanentError, momentSchema } from '@sluice/contracts';
import type { Context } from 'hono';

/**
 * One page of a list, with its `Link` to the next one (RFC 8288).
 * @param found the rows from the cursor on, and one more than a page holds when there is another page.
 * @param keyOf sort key of a row.
 */
export function pageOf<Row>(
  c: Context,
  found: readonly Row[],
  limit: number,
  keyOf: (row: Row) => readonly (string | number)[],
): Page<Row> {
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  const nextCursor = last === undefined ? null : encodeCursor(keyOf(last));
  if (nextCursor !== null) {
    const next = new URL(c.req.url);
    next.searchParams.set('cursor', nextCursor);
    c.header('Link', `<${next.pathname}${next.search}>; rel="next"`);
  }
  return { items, nextCursor };
}

/** Sort key of lists by the moment of submission, newest first. */
export const submittedSortKey = z.tuple([momentSchema, z.uuid()]);

const nameKey = z.tuple([z.string().max(500)]);

/** One page of a list that is read whole because it is never long, in the order of a name that each row has for itself. */
export function pageOfNamed<Row>(
  c: Context,
  rows: readonly Row[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  nameOf: (row: Row) => string,
): Page<Row> {
  const after = decodeCursor(cursor, nameKey);
  const byName = rows
    .map((row) => ({ row, name: nameOf(row) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const from = byName.filter(({ name }) => after === null || name > after[0]);
  const { items, nextCursor } = pageOf(c, from, limit, ({ name }) => [name]);
  return { items: items.map(({ row }) => row), nextCursor };
}

/** An opaque place in a list: the sort key of the last row that was sent. */
function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * @param schema form of this list's sort keys; no other value reaches the database.
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
  const detail = 'is not one that this list handed out';
  throw new PermanentError('input.invalid', `cursor: ${detail}.`, {
    faults: [{ in: 'query', pointer: '/cursor', detail }],
  });
}
