import { actor } from '../actor.ts';
import { z } from '../documented-zod.ts';
import { moment } from '../moment.ts';

const counts = z.record(z.string(), z.number().int());

export const jobKinds = ['request', 'batch', 'refresh', 'replay'] as const;

export const jobStateSchema = z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']).openapi({
  description:
    '`queued`: accepted, and not begun; `running`: some of it goes on; `completed`: all of it ended; `failed`: it could not be ' +
    'begun; `cancelled`: by a person, though parts of it may still end.',
});

/** One view of everything that takes a while: a request, a batch, a refresh of a project, a replay. */
export const jobSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(jobKinds),
    state: jobStateSchema,
    progress: z.number().openapi({ description: 'Share of it that ended, 0 to 1.', example: 0.75 }),
    total: z.number().int().openapi({ description: 'Items, or package versions of a replay.' }),
    ended: z.number().int(),
    result: counts.nullable().openapi({
      description: 'Ended items by outcome, or package versions by state; null before anything ended.',
      example: { approve: 290, review: 20 },
    }),
    error: z.object({ code: z.string(), detail: z.string(), remedy: z.string() }).nullable(),
    by: z.string().openapi({ description: 'Who asked for it.' }),
    scope: z.string().nullable().openapi({ description: 'Null for a job of all scopes.' }),
    createdAt: moment,
    startedAt: moment.nullable().openapi({ description: 'When it was taken up, where that is known.' }),
    completedAt: moment.nullable(),
    links: z
      .record(z.string(), z.string())
      .openapi({ description: 'Addresses about it.', example: { self: '/v1/requests/0190…' } }),
  })
  .openapi('Job');
export type Job = z.infer<typeof jobSchema>;

export const jobActionSchema = z.strictObject(actor('The registry is back.')).openapi('JobAction');

/** An act on a job. */
export const steeredJobSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(jobKinds),
    affected: z.number().int().openapi({ description: 'So many it had an effect on.' }),
    unit: z
      .enum(['items', 'requests', 'packages', 'refreshes'])
      .openapi({ description: 'Of what it is the number.' }),
  })
  .openapi('SteeredJob');
export type SteeredJob = z.infer<typeof steeredJobSchema>;
