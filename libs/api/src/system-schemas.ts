import { z } from './documented-zod.ts';
import { circuitSchema, controlSchema } from './control-schemas.ts';

/** Schemas of views for operators; see `schemas.ts`. */

const counts = z.record(z.string(), z.number().int());

export const queueSchema = z
  .object({
    consumer: z.string().openapi({ example: 'scanner-bulk' }),
    service: z.string(),
    stage: z.string(),
    lane: z.string(),
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
    exists: z.boolean(),
  })
  .openapi('Queue');

export const queuePageSchema = z
  .object({
    items: z.array(queueSchema),
    nextCursor: z.string().nullable(),
    deadLetters: z.object({ dlq: z.number().int(), parked: z.number().int() }),
    circuits: z.array(circuitSchema).openapi({ description: 'The hosts that stages wait for.' }),
    controls: z.array(controlSchema).openapi({ description: 'What is paused or drained.' }),
  })
  .openapi('QueuePage');

const inWork = z.object({ interactive: z.number().int(), bulk: z.number().int() });

export const workerSchema = z
  .object({
    service: z.string(),
    instance: z.string(),
    stage: z.string().nullable().openapi({ description: 'The stage that it runs; null for the rest.' }),
    version: z.string().openapi({ description: 'Of the software.', example: '0.1.0' }),
    startedAt: z.string(),
    lastSeenAt: z.string(),
    state: z.enum(['working', 'paused', 'draining', 'drained', 'stopping']),
    concurrency: z.number().int().nullable(),
    running: z.array(z.looseObject({ purl: z.string() })),
    inWork: inWork.openapi({ description: 'How many it works on; the list is cut off.' }),
    detail: z.string().nullable().openapi({ description: 'Why it is paused or drained.' }),
    circuits: z.array(z.looseObject({ host: z.string() })),
    upstreams: z.array(z.string()).openapi({ description: 'Hosts that its messages needed.' }),
  })
  .openapi('Worker');

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
