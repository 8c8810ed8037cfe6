import { z } from '../documented-zod.ts';

const counts = z.record(z.string(), z.number().int());

/** How much there is of everything. */
export const statsSchema = z
  .object({
    requests: z
      .object({
        open: z.number().int(),
        completed: z.number().int(),
        cancelled: z.number().int(),
        failed: z.number().int(),
      })
      .openapi({ description: 'Requests by state, those that were taken in.' }),
    packages: counts.openapi({ description: 'Package versions by state.' }),
    outcomes: counts.openapi({ description: 'Package versions by verdict.' }),
    decisions: counts.openapi({ description: 'Package versions by decision.' }),
  })
  .openapi('Stats');
export type Stats = z.infer<typeof statsSchema>;
