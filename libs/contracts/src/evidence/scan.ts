import { z } from 'zod';
import type { Known } from '../known.ts';
import { sha256Digest } from './files.ts';
import { severitySchema } from './severity.ts';

export const findingSchema = z.looseObject({
  /** Rule id, `malware.install-script-network`. */
  rule: z.string(),
  severity: severitySchema,
  /** `block`: known or near-certain malice. `review`: a person should look. `note`: worth knowing. */
  tier: z.enum(['block', 'review', 'note']),
  title: z.string(),
  file: z.string().nullable(),
  line: z.number().nullable(),
  excerpt: z.string().nullable(),
});
export type Finding = Known<z.infer<typeof findingSchema>>;

export const advisoryMatchSchema = z.looseObject({
  id: z.string(),
  aliases: z.array(z.string()),
  severity: severitySchema.nullable(),
  /** CVSS base score, 0 to 10. */
  score: z.number().nullable(),
  summary: z.string(),
  /** True for an OSV record of a malicious package (`MAL-…`). */
  malicious: z.boolean(),
  /** First version that is not affected, where the record states one. */
  fixedIn: z.string().nullable(),
});
export type AdvisoryMatch = Known<z.infer<typeof advisoryMatchSchema>>;

export const scannedFileSchema = z.looseObject({
  file: z.string(),
  /** `scanned`; `unscannable`: the archive could not be opened within the limits; `missing`: there were no bytes. */
  status: z.enum(['scanned', 'unscannable', 'missing']),
  /** Stable reason for `unscannable` and `missing`, for instance `archive.path-traversal`. */
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  findings: z.array(findingSchema),
  /** All findings, when more were found than are listed. */
  findingsTotal: z.number(),
  licenseTexts: z.array(z.looseObject({ file: z.string(), expression: z.string(), score: z.number() })),
  entryCount: z.number(),
  unpackedSizeBytes: z.number(),
  /** The whole report in the artifact store, when this is a summary of it. */
  reportDigest: sha256Digest.nullable(),
});
export type ScannedFile = Known<z.infer<typeof scannedFileSchema>>;

export const scanEvidenceSchema = z.looseObject({
  /** One entry for each file of the assessment. */
  files: z.array(scannedFileSchema),
  advisories: z.looseObject({
    status: z.enum(['matched', 'missing']),
    /** Identity of the advisory set that was matched against; null when none is loaded. */
    version: z.string().nullable(),
    /** False for an ecosystem without published advisories: none can be loaded. */
    isCovered: z.boolean().optional(),
    matches: z.array(advisoryMatchSchema),
    /** All matches, when more were found than are listed. */
    matchesTotal: z.number().optional(),
  }),
  /** Whether the license texts agree with the declared license. */
  licenseAgreement: z.enum(['agrees', 'differs', 'unknown']),
  producer: z.string(),
});
export type ScanEvidence = Known<z.infer<typeof scanEvidenceSchema>>;

/** License texts of all files. */
export function licenseTextsOf(scan: ScanEvidence | null): ScannedFile['licenseTexts'] {
  return (scan?.files ?? []).flatMap(({ licenseTexts }) => licenseTexts);
}
