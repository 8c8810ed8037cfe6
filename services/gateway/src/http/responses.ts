import { z } from '@sluice/api';

/** Documents an answer in JSON. */
export function jsonContent<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** Documents the body of a command. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } };
}

/** Answers of a route that clients poll: it has a tag, with which the next request is answered without a body. */
export function polled<Schema extends z.ZodType>(schema: Schema, description: string) {
  const headers = z.object({
    etag: z.string().openapi({ description: 'Tag of the content.', example: 'W/"33a64df5"' }),
  });
  return { 200: { ...jsonContent(schema, description), headers }, ...notModified };
}

/** A guard answers with it, not the handlers: their types do not have it, as they do not have problems. */
export const notModified: object = {
  304: { description: 'Nothing changed since the answer with the tag in If-None-Match.' },
};

export const ifNoneMatch = z.object({
  'if-none-match': z
    .string()
    .optional()
    .openapi({ description: '`ETag` of an earlier answer.', example: 'W/"33a64df5"' }),
});
