import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

// Schemas carry their names, descriptions and examples for the OpenAPI document.
extendZodWithOpenApi(z);

export { z };
