import { z } from 'zod';

/**
 * A field that holds a document, as JSON.
 * @param example of the document, for who wrote something else.
 */
export function jsonField<Document>(schema: z.ZodType<Document>, example: string) {
  return z.string().transform((text, context) => {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      // The message of the parser holds a part of the text.
      context.addIssue(`must be JSON: ${example}`);
      return z.NEVER;
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues)
      context.addIssue(`${path.map(String).join('.') || 'the document'} ${faultOf(message)}`);
    return z.NEVER;
  });
}

/** zod's own messages are sentences. */
function faultOf(message: string): string {
  return message.startsWith('must ') ? message : `is wrong: ${message}`;
}
