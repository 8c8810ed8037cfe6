import { z } from '../documented-zod.ts';

const check = z.object({ ok: z.boolean(), detail: z.string().optional(), required: z.boolean().optional() });

/** Whether a service can work, with the state of each thing that it depends on. */
export const readinessSchema = z
  .object({ ready: z.boolean(), checks: z.record(z.string(), check) })
  .openapi('Readiness');
export type Readiness = z.infer<typeof readinessSchema>;

export const livenessSchema = z.object({ live: z.literal(true) });
