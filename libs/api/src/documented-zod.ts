import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

// Schemas carry their names, descriptions and examples for the OpenAPI document.
extendZodWithOpenApi(z);

export { z };

/** A copy of a schema of `libs/contracts` that can be documented: schemas made before the extension cannot. */
export function documentable<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.clone();
}
