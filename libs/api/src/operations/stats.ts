import { z } from '../documented-zod.ts';
import { shownScope } from '../scope.ts';

const counts = z.record(z.string(), z.number().int());

/** How much there is of everything. */
export const statsSchema = z
  .object({
    scope: shownScope,
    requests: z
      .object({
        open: z.number().int(),
        completed: z.number().int(),
        cancelled: z.number().int(),
        failed: z.number().int(),
      })
      .openapi({ description: 'Requests of the scope by state, those that were taken in.' }),
    packages: counts.openapi({ description: 'Package versions by state, of all scopes.' }),
    outcomes: counts.openapi({ description: 'Package versions by verdict in the scope.' }),
    decisions: counts.openapi({
      description: 'Package versions that have a verdict in the scope, by decision.',
    }),
  })
  .openapi('Stats');
export type Stats = z.infer<typeof statsSchema>;
