import { stageNameSchema } from '@sluice/contracts';
import { z } from '../documented-zod.ts';
import { moment } from '../moment.ts';

/** A host that a stage waits for, as its instances say. */
export const circuitSchema = z
  .object({
    host: z.string().openapi({ example: 'registry.example' }),
    service: z.string().openapi({ example: 'downloader' }),
    stage: stageNameSchema.nullable(),
    state: z
      .enum(['open', 'paused'])
      .openapi({ description: '`open`: out of order; `paused`: by an operator.' }),
    since: moment,
    code: z.string(),
    detail: z.string().openapi({ example: 'registry.example: status 503.' }),
    probeAt: moment
      .nullable()
      .openapi({ description: 'When it is tried again; null when an operator has to resume it.' }),
    consecutive: z.number().int().openapi({ description: 'Tries in a row that failed.' }),
    instances: z.array(z.string()),
  })
  .openapi('Circuit');
export type Circuit = z.infer<typeof circuitSchema>;
