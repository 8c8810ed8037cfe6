import { z } from 'zod';
import type { OpenApiDocument } from './openapi-requests.ts';

/** Finds the schema of an operation's JSON answer; null where the document has none. */
export function answerSchemas(
  document: OpenApiDocument,
): (operation: string, status: number) => z.ZodType | null {
  const known = new Map<string, z.ZodType | null>();
  const components = asJsonSchema(document.components.schemas);
  return (operation, status) => {
    const key = `${operation} ${status}`;
    let schema = known.get(key);
    if (schema === undefined) {
      const [method = '', path = ''] = operation.split(' ');
      const content = document.paths[path]?.[method.toLowerCase()]?.responses[status]?.content;
      const json = content?.['application/json']?.schema;
      schema = json ? z.fromJSONSchema({ ...asJsonSchema(json), $defs: components }) : null;
      known.set(key, schema);
    }
    return schema;
  };
}

type JsonSchema = Exclude<Parameters<typeof z.fromJSONSchema>[0], boolean>;

/** References as they stand in a schema of its own. */
function asJsonSchema(part: object): Record<string, JsonSchema> {
  const text = JSON.stringify(part).replaceAll('#/components/schemas/', '#/$defs/');
  return JSON.parse(text) as Record<string, JsonSchema>;
}
