import {
  approveCommand,
  decisionSchema,
  momentSchema,
  visibleText,
  type ShownDecision,
} from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';
import { shownScope } from '../scope.ts';

export const decisionStates = [
  'approved',
  'rejected',
  'recalled',
  'ended',
] as const satisfies readonly ShownDecision['state'][];

/** A decision as it is at the time of the answer; null where none was ever made. */
export const shownDecisionSchema = z.union([
  decisionSchema
    .extend({
      state: z.enum(decisionStates).openapi({ description: '`ended` once it holds no longer.' }),
      until: documentable(decisionSchema.shape.until).openapi({ description: 'When it ends by itself.' }),
    })
    .openapi('Decision'),
  z.null(),
]);

export const decideBodySchema = z
  .strictObject({
    ...actor('Only used at build time.'),
    until: momentSchema.nullish().openapi({ description: 'When the decision ends by itself.' }),
    assessmentId: z
      .uuid()
      .nullish()
      .openapi({ description: 'The assessment that was looked at; a newer one makes this fail.' }),
  })
  .openapi('Decide');

export const emergencyBodySchema = z
  .strictObject({
    ...actor('The release must go out tonight, and nobody else can be reached.'),
    ticket: documentable(visibleText(200)).openapi({
      description: 'Where it is written down and looked at afterwards.',
      example: 'INC-7',
    }),
    hours: z.number().int().min(1).max(24).openapi({ description: 'How long it holds.', example: 8 }),
    assessmentId: decideBodySchema.shape.assessmentId,
  })
  .openapi('ApproveInEmergency');

export const decidedSchema = z
  // Without the command's default, which is for an older aggregator.
  .object({ ...approveCommand.output.shape, scope: shownScope })
  .openapi('Decided');
