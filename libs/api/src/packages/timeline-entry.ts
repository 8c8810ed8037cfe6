import { z } from '../documented-zod.ts';
import { moment } from '../moment.ts';

/** One event about a package version or a request. */
export const timelineEntrySchema = z
  .object({
    position: z
      .number()
      .openapi({ description: 'Order over everything that ever happened; the SSE event id.' }),
    sequence: z.number().int().openapi({ description: 'Sequence in the EVENTS stream.' }),
    eventId: z.uuid(),
    subject: z.string(),
    type: z.string(),
    at: moment,
    traceId: z.string().nullable(),
    data: z.looseObject({}),
  })
  .openapi('TimelineEntry');
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;
