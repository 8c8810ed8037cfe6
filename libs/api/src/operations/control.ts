import { actor } from '../actor.ts';
import { z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { pageSchemaOf } from '../page.ts';

export const controlBodySchema = z
  .strictObject(actor('The registry is moved tonight.'))
  .openapi('ControlBody');

/** A pause of a stage or a host, or a drain of an instance. */
export const controlSchema = z
  .object({
    kind: z.enum(['stage', 'host', 'worker']),
    name: z.string().openapi({ example: 'scan' }),
    by: z.string(),
    reason: z.string(),
    at: moment,
  })
  .openapi('Control');

export const controlPageSchema = pageSchemaOf(controlSchema, 'ControlPage');

export const controlledSchema = z
  .object({
    changed: z.boolean().openapi({ description: 'False when it was so already.' }),
    // Not `nullable()`: the document would say that it is an object and null at once.
    control: z
      .union([controlSchema, z.null()])
      .openapi({ description: 'The control that holds now; null when there is none.' }),
  })
  .openapi('Controlled');
