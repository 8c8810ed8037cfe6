import { z } from '../documented-zod.ts';
import { moment } from '../moment.ts';

/** The advisories of an ecosystem, as the newest refresh left them. */
export const advisorySetSchema = z
  .object({
    ecosystem: z.string().openapi({ example: 'npm' }),
    result: z.enum(['imported', 'unchanged', 'failed']).openapi({ description: 'Of the newest refresh.' }),
    detail: z.string().nullable().openapi({ description: 'Why the newest refresh failed.' }),
    version: z.string().nullable(),
    recordCount: z.number().int(),
    importedAt: moment.nullable(),
    checkedAt: moment,
    confirmedAt: moment
      .nullable()
      .openapi({ description: 'When it was last known to be the newest; null when never.' }),
  })
  .openapi('AdvisorySet');
export type AdvisorySet = z.infer<typeof advisorySetSchema>;
