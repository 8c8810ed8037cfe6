import { laneSchema, stageNameSchema, type Known } from '@sluice/contracts';
import { z } from '../documented-zod.ts';
import { fetchedBytesSchema } from '../packages/fetched-bytes.ts';
import { moment } from '../moment.ts';
import { pageSchemaOf } from '../page.ts';

const inWork = z.object({ interactive: z.number().int(), bulk: z.number().int() });

/** A running instance's report of itself. */
export const workerSchema = z
  .object({
    service: z.string(),
    instance: z.string(),
    stage: stageNameSchema.nullable().openapi({ description: 'The stage that it runs; null for the rest.' }),
    version: z.string().openapi({ description: 'Of the software.', example: '0.1.0' }),
    startedAt: moment,
    lastSeenAt: moment,
    state: z.enum(['working', 'paused', 'draining', 'drained', 'stopping']),
    concurrency: z.number().int().nullable(),
    running: z.array(
      z.object({
        purl: z.string(),
        assessmentId: z.uuid(),
        attempt: z.number().int(),
        since: moment,
        lane: laneSchema,
        bytes: fetchedBytesSchema,
      }),
    ),
    inWork: inWork.openapi({ description: 'How many it works on; the list is cut off.' }),
    detail: z.string().nullable().openapi({ description: 'Why it is paused or drained.' }),
    circuits: z.array(z.looseObject({ host: z.string() })),
    upstreams: z.array(z.string()).openapi({ description: 'Hosts that its messages needed.' }),
  })
  .openapi('Worker');
export type Worker = Known<z.infer<typeof workerSchema>>;

export const workerPageSchema = pageSchemaOf(workerSchema, 'WorkerPage');
