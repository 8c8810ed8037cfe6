import { z } from '../documented-zod.ts';

/** Why items of a request are not worked on. */
export const waitSchema = z
  .object({
    stage: z.string().openapi({ example: 'scan' }),
    items: z.number().int().openapi({ description: 'Items of the request that are in this stage.' }),
    kind: z.enum(['stage', 'host', 'circuit']),
    name: z.string().openapi({ description: 'The stage, or the host.' }),
    text: z.string().openapi({ example: 'scan is paused by mira since 2026-03-01T09:30:00Z: new rules' }),
  })
  .openapi('Wait');
export type Wait = z.infer<typeof waitSchema>;
