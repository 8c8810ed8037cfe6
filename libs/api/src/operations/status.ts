import { stageNameSchema } from '@sluice/contracts';
import { z } from '../documented-zod.ts';
import { fetchedBytesSchema } from '../packages/fetched-bytes.ts';

const count = z.number().int();

/** Work of all scopes, and its limits. */
export const statusSchema = z
  .object({
    running: z
      .object({ requests: count, batches: count, packages: count })
      .openapi({ description: 'What is open: accepted, and not ended.' }),
    active: z.object({
      stages: z.array(
        z.object({
          stage: stageNameSchema,
          service: z.string(),
          instances: count.openapi({ description: 'Those that live.' }),
          running: count.openapi({ description: 'Package versions in work.' }),
          concurrency: count.openapi({
            description: 'Package versions that may be in work, over all instances.',
          }),
          waiting: count.openapi({ description: 'Not handed out yet.' }),
        }),
      ),
      fetching: z
        .array(z.object({ purl: z.string(), worker: z.string(), bytes: fetchedBytesSchema.unwrap() }))
        .openapi({ description: 'Archives that are being fetched, those with the most to come first.' }),
    }),
    limits: z.object({
      bodyBytes: count.openapi({ description: 'Largest body of a submission.' }),
      bulkRunning: count.nullable().openapi({
        description: 'Package versions of the bulk lane in flight; null while that cannot be told.',
      }),
      reportItems: count.openapi({ description: 'Items in the report of a request.' }),
      batchReportItems: count.openapi({ description: 'Items in the report of a batch.' }),
    }),
  })
  .openapi('Status');
export type Status = z.infer<typeof statusSchema>;
