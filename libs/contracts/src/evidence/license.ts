import { z } from 'zod';
import type { Known } from '../known.ts';

/** How a license was declared: package metadata have had all of these forms over the years. */
export const declaredFormSchema = z.enum([
  'spdx',
  'text',
  'object',
  'array',
  'see-license-in',
  'unlicensed',
  'none',
]);

export const licenseEvidenceSchema = z.looseObject({
  /** The license as the author wrote it, as text, cut at 500 characters. */
  declared: z.string().nullable(),
  declaredForm: declaredFormSchema,
  /** Normalised SPDX expression, or null when none can be derived. */
  expression: z.string().nullable(),
  /** `high`: valid as written. `low`: corrected or guessed. `none`: no expression. */
  confidence: z.enum(['high', 'low', 'none']),
  /** The producer of this evidence: a stage's name and the version of its rules. */
  producer: z.string(),
});
export type LicenseEvidence = Known<z.infer<typeof licenseEvidenceSchema>>;
