import { z } from './documented-zod.ts';

/** A whole number as it stands in an address: digits and nothing else. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max))
    .openapi({ type: 'integer', minimum: min, maximum: max });

/** Which page of a list: how many entries, and after which one. */
export const pageQuery = (limitMax: number, limit: number) => ({
  limit: wholeNumber(1, limitMax).default(limit).openapi({ example: limit }),
  cursor: z.string().max(500).optional().openapi({ description: '`nextCursor` of the page before.' }),
});

/** The query of lists that are seldom longer than a page. */
export const wholePageQuery = z.object(pageQuery(500, 100));

/** A part of a list. `nextCursor` asks for the next one, and is null on the last. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export function pageSchemaOf<Item extends z.ZodType>(item: Item, name: string) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() }).openapi(name);
}
