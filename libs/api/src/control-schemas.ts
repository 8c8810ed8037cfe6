import { z } from './documented-zod.ts';
import { stageNames, stageServices, visibleText } from '@sluice/contracts';

/** Schemas of controls and circuits; see `schemas.ts`. */

const since = z.iso.datetime().openapi({ example: '2026-03-01T09:30:00.000Z' });
const readable = 'One line of text that says something: no control, bidirectional or invisible characters.';

/** Who acts and why, in every command. */
export const actor = (exampleReason: string) => ({
  by: visibleText(200).openapi({ example: 'mira@example.org', description: `Who asks for it. ${readable}` }),
  reason: visibleText(2_000).openapi({ example: exampleReason, description: readable }),
});

export const controlBodySchema = z
  .strictObject(actor('The registry is moved tonight.'))
  .openapi('ControlBody');

export const controlSchema = z
  .object({
    kind: z.enum(['stage', 'host', 'worker']),
    name: z.string().openapi({ example: 'scan' }),
    by: z.string(),
    reason: z.string(),
    at: since,
  })
  .openapi('Control');

export const controlledSchema = z
  .object({
    changed: z.boolean().openapi({ description: 'False when it was so already.' }),
    // Not `nullable()`: the document would say that it is an object and null at once.
    control: z
      .union([controlSchema, z.null()])
      .openapi({ description: 'What holds now; null when nothing does.' }),
  })
  .openapi('Controlled');

export const circuitSchema = z
  .object({
    host: z.string().openapi({ example: 'registry.example' }),
    service: z.string().openapi({ example: 'downloader' }),
    stage: z.string().nullable(),
    state: z
      .enum(['open', 'paused'])
      .openapi({ description: '`open`: out of order; `paused`: by somebody.' }),
    since,
    code: z.string(),
    detail: z.string().openapi({ example: 'registry.example: status 503.' }),
    probeAt: since.nullable().openapi({ description: 'When it is tried again.' }),
    consecutive: z.number().int().openapi({ description: 'Tries in a row that failed.' }),
    instances: z.array(z.string()),
  })
  .openapi('Circuit');

export const waitSchema = z
  .object({
    stage: z.string().openapi({ example: 'scan' }),
    items: z.number().int().openapi({ description: 'Items of the request that are in this stage.' }),
    kind: z.enum(['stage', 'host', 'circuit']),
    name: z.string().openapi({ description: 'The stage, or the host.' }),
    text: z.string().openapi({ example: 'scan is paused by mira since 2026-03-01T09:30:00Z: new rules' }),
  })
  .openapi('Wait');

const segment = (name: string, example: string) => ({ param: { name, in: 'path' as const }, example });

export const stageParam = z.object({ stage: z.enum(stageNames).openapi(segment('stage', 'scan')) });
export const hostParam = z.object({
  host: visibleText(260).openapi(segment('host', 'registry.example')),
});
export const workerParam = z.object({
  service: z.enum(stageServices).openapi(segment('service', 'scanner')),
  instance: visibleText(200).openapi(segment('instance', 'scanner-7c9:1')),
});
