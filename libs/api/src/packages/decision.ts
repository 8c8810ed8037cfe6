import {
  approveCommand,
  decideManyCommand,
  decisionSchema,
  decisionsMax,
  momentSchema,
  purlLengthMax,
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

const lookedAt = z
  .strictObject({
    purl: documentable(visibleText(purlLengthMax)),
    assessmentId: z.uuid().nullable().openapi({
      description: 'The assessment that was looked at, null for none; with another one it is refused.',
    }),
    sequence: z.number().int().min(0).nullish().openapi({
      description: 'How many decisions there were; with another one since, it is refused.',
    }),
  })
  .openapi('LookedAt');

const chosen = {
  ...actor('License cleared by counsel.'),
  decision: z.enum(['approve', 'reject']),
  until: documentable(momentSchema)
    .nullish()
    .openapi({ description: 'When the decisions end by themselves.' }),
  packages: z
    .array(z.union([documentable(visibleText(purlLengthMax)), lookedAt]))
    .min(1)
    .max(decisionsMax)
    .optional()
    .openapi({
      example: ['pkg:npm/lodash@4.17.21'],
      description:
        'Either these package versions, or a `code`. With what the preview said of one, it is refused where that has changed.',
    }),
  code: documentable(visibleText(100)).optional().openapi({
    example: 'license.review',
    description: 'Those that wait for a person in the scope for this reason alone.',
  }),
};
const saysWhich = ({ packages, code }: { packages?: unknown; code?: unknown }) =>
  (packages === undefined) !== (code === undefined);
const which = { error: 'Name either packages or a code.', path: ['packages'] };

export const decisionPreviewSchema = z
  .strictObject(chosen)
  .refine(saysWhich, which)
  .openapi('DecisionPreview');
export const decisionsBodySchema = z
  .strictObject({
    ...chosen,
    expectedCount: z.number().int().min(0).max(decisionsMax).openapi({
      description: 'As the preview counted them; where the number is another one by now, nothing is decided.',
    }),
  })
  .refine(saysWhich, which)
  .openapi('Decisions');

export const decidedManySchema = z
  .object({
    ...decideManyCommand.output.shape,
    items: z.array(
      z.object({
        purl: z.string(),
        assessmentId: z.uuid().nullish().openapi({ description: 'What is decided on; null for none.' }),
        sequence: z
          .number()
          .int()
          .nullish()
          .openapi({ description: 'How many decisions there were before.' }),
        decision: documentable(decisionSchema.nullable()).openapi({
          description: 'Null where it was refused.',
        }),
        refusal: z.object({ code: z.string(), detail: z.string() }).nullable().openapi({
          description: 'Why; the codes are those of a single decision.',
        }),
      }),
    ),
  })
  .openapi('DecidedMany');
export type DecidedMany = z.infer<typeof decidedManySchema>;
