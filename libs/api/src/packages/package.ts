import {
  downloadEvidenceSchema,
  licenseEvidenceSchema,
  registryEvidenceSchema,
  reasonSchema,
  scanEvidenceSchema,
  stageNameSchema,
  verdictSchema,
  type Known,
} from '@sluice/contracts';
import { z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { pageSchemaOf, pageQuery } from '../page.ts';
import { scopeParameter, shownScope } from '../scope.ts';
import { decisionStates, shownDecisionSchema } from './decision.ts';
import { fetchedBytesSchema } from './fetched-bytes.ts';
import { queuePositionSchema } from './queue-position.ts';
import { timelineEntrySchema } from './timeline-entry.ts';
import { failedTrySchema, lastErrorSchema } from './try.ts';

export const packageStateSchema = z.enum(['running', 'assessed', 'failed', 'cancelled']);

/** Why an assessment ended without a verdict. */
export const packageFailureSchema = z
  .looseObject({ stage: z.string(), code: z.string(), detail: z.string() })
  .nullable();

/** A package version in a list: the run of its assessment, which all scopes share, and its standing in one scope. */
export const packageSummarySchema = z
  .object({
    purl: z.string(),
    scope: shownScope,
    state: packageStateSchema,
    stage: stageNameSchema.nullable(),
    outcome: verdictSchema.shape.outcome.nullable(),
    decision: shownDecisionSchema,
    attempt: z.number().int(),
    requestedAt: moment.nullable(),
    endedAt: moment.nullable(),
    traceId: z.string().nullable(),
    reasons: z
      .array(reasonSchema)
      .openapi({ description: 'Of its verdict in the scope; none before there is one.' }),
  })
  .openapi('PackageSummary');
export type PackageSummary = Known<z.infer<typeof packageSummarySchema>>;

export const packagePageSchema = pageSchemaOf(packageSummarySchema, 'PackagePage');
/** Of one package version, or of a decision on it. */
export const scopeQuery = z.object({ scope: scopeParameter });

export const packagesQuery = z.object({
  scope: scopeParameter,
  outcome: verdictSchema.shape.outcome.optional(),
  state: packageStateSchema.optional(),
  decision: z
    .enum(['none', ...decisionStates])
    .optional()
    .openapi({ description: '`none`: there is a verdict in the scope, and no decision holds now.' }),
  ...pageQuery(500, 100),
});

/** A package version by itself: its entry in the list, its evidence, and everything that happened to it. */
export const packageSchema = packageSummarySchema
  .extend({
    assessmentId: z.uuid().nullable(),
    lane: z.string(),
    verdict: verdictSchema.nullable(),
    failure: packageFailureSchema,
    queuePosition: queuePositionSchema,
    bytes: fetchedBytesSchema,
    lastError: lastErrorSchema,
    failedTries: z.array(failedTrySchema),
    registry: registryEvidenceSchema.nullable(),
    license: licenseEvidenceSchema.nullable(),
    download: downloadEvidenceSchema.nullable(),
    scan: scanEvidenceSchema.nullable(),
    timeline: z.array(timelineEntrySchema),
  })
  .openapi('Package');
export type PackageDetail = Known<z.infer<typeof packageSchema>>;
