import {
  contentAlgorithms,
  integrityAlgorithms,
  itemOutcomeSchema,
  reasonSchema,
  stageNames,
  statedPlatformsSchema,
  type Known,
} from '@sluice/contracts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { shownDecisionSchema } from '../packages/decision.ts';
import { fetchedBytesSchema } from '../packages/fetched-bytes.ts';
import { packageFailureSchema } from '../packages/package.ts';
import { queuePositionSchema } from '../packages/queue-position.ts';
import { lastErrorSchema } from '../packages/try.ts';
import { pageSchemaOf, pageQuery } from '../page.ts';

/** States as answers show them, and as lists are asked for them. */
export const itemStates = ['queued', ...stageNames, 'verdict', 'ended'] as const;

const coded = z.object({ code: z.string(), message: z.string() });
/** A reason of an item alone has only a code and a message in older events. */
const reason = reasonSchema.partial().required({ code: true, message: true });

/** One item of a request with the state of its package version. */
export const itemSchema = z
  .object({
    ordinal: z.number().int(),
    purl: z.string().nullable(),
    name: z.string(),
    version: z.string().nullable(),
    pins: z
      .array(z.object({ algorithm: z.enum([...integrityAlgorithms, ...contentAlgorithms]), hex: z.string() }))
      .openapi({
        description:
          'Hashes that the lockfile pins. A file of the package version has to have one of the strongest.',
      }),
    paths: z.array(z.string()),
    pathCount: z.number().int(),
    dev: z.boolean(),
    optional: z.boolean(),
    bundled: z.boolean(),
    direct: z.boolean(),
    platforms: documentable(statedPlatformsSchema)
      .nullable()
      .openapi({
        description:
          'Platforms on which the installer places it, leaving it out on others, where the lockfile says so.',
        example: { os: ['darwin'], cpu: ['arm64'], libc: [] },
      }),
    notes: z.array(coded),
    unassessable: coded.nullable(),
    state: z
      .enum(itemStates)
      .openapi({ description: '`queued`, a stage, `verdict` when all evidence is in, or `ended`.' }),
    outcome: itemOutcomeSchema.nullable(),
    reasons: z.array(reason),
    ownReasons: z.array(reason).openapi({
      description:
        'Of the reasons those that hold for this item alone: no decision on its package version lifts them.',
    }),
    follows: z.string().nullable().openapi({
      description:
        'The package version whose outcome it has: a bundled package that no registry has is part of it.',
    }),
    failure: packageFailureSchema,
    decision: shownDecisionSchema,
    attempt: z.number().int().nullable(),
    queuePosition: queuePositionSchema,
    bytes: fetchedBytesSchema,
    lastError: lastErrorSchema,
    assessmentId: z.uuid().nullable(),
    traceId: z.string().nullable(),
    endedAt: moment.nullable(),
  })
  .openapi('Item');
export type Item = Known<z.infer<typeof itemSchema>>;

export const itemPageSchema = pageSchemaOf(itemSchema, 'ItemPage');
export const itemsQuery = z.object({
  outcome: itemOutcomeSchema.optional(),
  state: z
    .enum(['open', ...itemStates])
    .optional()
    .openapi({ description: '`open`: any but `ended`.' }),
  ...pageQuery(1_000, 100),
});
