import { z } from '../documented-zod.ts';

/** The place of a package version in the queue of the stage that it waits for. */
export const queuePositionSchema = z
  .number()
  .int()
  .nullable()
  .openapi({
    description:
      'Place in the queue of the awaited stage, an estimate: 1 is handed out next, 0 was handed out and is in work or ' +
      'waits for another try. Null when no stage is awaited.',
  });
