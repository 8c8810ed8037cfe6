import { laneSchema, stageNameSchema } from '@sluice/contracts';
import { z } from '../documented-zod.ts';
import { pageSchemaOf } from '../page.ts';
import { circuitSchema } from './circuit.ts';
import { controlSchema } from './control.ts';

/** The queue of one stage in one lane. */
export const queueSchema = z
  .object({
    consumer: z.string().openapi({ example: 'scanner-bulk' }),
    service: z.string(),
    stage: stageNameSchema,
    lane: laneSchema,
    waiting: z.number().int().openapi({ description: 'Not delivered yet.' }),
    unsettled: z.number().int().openapi({ description: 'In work, or waiting for another try.' }),
    running: z.number().int().openapi({ description: 'In work, as the instances of the stage say.' }),
    redelivered: z
      .number()
      .int()
      .openapi({ description: 'Unsettled messages that were delivered more than once.' }),
    oldestAgeSeconds: z
      .number()
      .nullable()
      .openapi({ description: 'Age of the oldest message that is not settled.' }),
    ratePerSecond: z
      .number()
      .nullable()
      .openapi({ description: 'Results a second, over the last minute; null until that can be told.' }),
    etaSeconds: z.number().nullable().openapi({
      description: 'Until all that is there has its result at this rate; null when nothing moves.',
    }),
    deliveredSequence: z.number().int().openapi({
      description: 'Sequence in the EVENTS stream up to which the stage was given its messages.',
    }),
    exists: z.boolean().openapi({
      description: 'False when the broker does not know the consumer: no instance ever started.',
    }),
  })
  .openapi('Queue');
export type Queue = z.infer<typeof queueSchema>;

export const queuePageSchema = z
  .object({
    ...pageSchemaOf(queueSchema, 'QueuePage').shape,
    deadLetters: z.object({ dlq: z.number().int(), parked: z.number().int() }),
    bulk: z
      .object({
        waiting: z.number().int().openapi({ description: 'Their turn has not come; no stage has them.' }),
        running: z.number().int().openapi({ description: 'In flight in the bulk lane.' }),
        runningMax: z.number().int().openapi({ description: 'In flight at most; see `BULK_RUNNING`.' }),
      })
      .nullable()
      .openapi({
        description:
          'Package versions of the bulk lane, new and replayed ones, as they were a few seconds ago; null until the ' +
          'aggregator has answered.',
      }),
    circuits: z.array(circuitSchema).openapi({ description: 'The hosts that stages wait for.' }),
    controls: z.array(controlSchema).openapi({ description: 'What is paused or drained.' }),
  })
  .openapi('QueuePage');
export type QueuePage = z.infer<typeof queuePageSchema>;
