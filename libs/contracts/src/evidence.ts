import { z } from 'zod';
import type { Known } from './known.ts';

/**
 * Evidence: facts a stage found, free of policy. Objects are loose so that a field a newer stage adds survives an
 * older service. Missing evidence says so in `status`; it is never left out and never "clean".
 */

export const severitySchema = z.enum(['info', 'low', 'medium', 'high', 'critical']);
export type Severity = z.infer<typeof severitySchema>;

const sha256Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** How the license was declared: npm has had all of these forms over the years. */
export const declaredFormSchema = z.enum([
  'spdx',
  'text',
  'object',
  'array',
  'see-license-in',
  'unlicensed',
  'none',
]);

export const distSchema = z.looseObject({
  tarballUrl: z.string(),
  /** Subresource Integrity string as the registry states it, or null. */
  integrity: z.string().nullable(),
  /** SHA-1 in hex as the registry states it, or null. */
  shasum: z.string().nullable(),
  unpackedSizeBytes: z.number().nullable(),
  fileCount: z.number().nullable(),
  signatures: z.enum(['present', 'not-available']),
});

export const licenseEvidenceSchema = z.looseObject({
  /** The license as the author wrote it, as text, cut at 500 characters. */
  declared: z.string().nullable(),
  declaredForm: declaredFormSchema,
  /** Normalised SPDX expression, or null when none can be derived. */
  expression: z.string().nullable(),
  /** `high`: valid as written. `low`: corrected or guessed. `none`: no expression. */
  confidence: z.enum(['high', 'low', 'none']),
  deprecated: z.string().nullable(),
  publishedAt: z.iso.datetime({ offset: true }).nullable(),
  /** Names of the hooks that run at install: preinstall, install, postinstall. */
  installScripts: z.array(z.string()),
  /** Whether the version published just before this one had install scripts; null when unknown or none. */
  previousHadInstallScripts: z.boolean().nullable(),
  repositoryUrl: z.string().nullable(),
  dist: distSchema,
  /** The version's manifest as the registry sent it, kept in the artifact store for later stages. */
  metadataDigest: sha256Digest,
  /** The producer of this evidence: a stage's name and the version of its rules. */
  producer: z.string(),
});
export type LicenseEvidence = Known<z.infer<typeof licenseEvidenceSchema>>;

export const downloadEvidenceSchema = z.looseObject({
  /**
   * `verified`: the bytes match the registry's hashes. `integrity-failed`: they did not, three times; nothing is
   * stored. `missing`: the registry has the version but not its bytes.
   */
  status: z.enum(['verified', 'integrity-failed', 'missing']),
  detail: z.string().nullable(),
  artifactDigest: sha256Digest.nullable(),
  sizeBytes: z.number().nullable(),
  /** Digests of the received bytes, in hex, to compare each lockfile's pin against. */
  digests: z.looseObject({ sha1: z.string(), sha256: z.string(), sha512: z.string() }).nullable(),
  /** The strongest algorithm that the registry's statement let us verify with. */
  verifiedWith: z.enum(['sha512', 'sha384', 'sha256', 'sha1', 'none']),
  /** True when the registry states nothing stronger than SHA-1. */
  weak: z.boolean(),
  producer: z.string(),
});
export type DownloadEvidence = Known<z.infer<typeof downloadEvidenceSchema>>;

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

export const scanEvidenceSchema = z.looseObject({
  /** `scanned`; `unscannable`: the archive could not be opened within the limits; `missing`: there were no bytes. */
  status: z.enum(['scanned', 'unscannable', 'missing']),
  /** Stable reason for `unscannable` and `missing`, for instance `archive.path-traversal`. */
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  findings: z.array(findingSchema),
  /** All findings, when more were found than are listed. */
  findingsTotal: z.number(),
  advisories: z.looseObject({
    status: z.enum(['matched', 'missing']),
    /** Identity of the advisory set that was matched against; null when none is loaded. */
    version: z.string().nullable(),
    matches: z.array(advisoryMatchSchema),
    /** All matches, when more were found than are listed. */
    matchesTotal: z.number().optional(),
  }),
  licenseTexts: z.array(z.looseObject({ file: z.string(), expression: z.string(), score: z.number() })),
  /** Whether the license texts agree with the declared license. */
  licenseAgreement: z.enum(['agrees', 'differs', 'unknown']),
  entryCount: z.number(),
  unpackedSizeBytes: z.number(),
  /** The whole report in the artifact store, when this is a summary of it. */
  reportDigest: sha256Digest.nullable(),
  producer: z.string(),
});
export type ScanEvidence = Known<z.infer<typeof scanEvidenceSchema>>;

/** All evidence of one assessment; null where a stage has not reported yet. */
export interface Evidence {
  license: LicenseEvidence | null;
  download: DownloadEvidence | null;
  scan: ScanEvidence | null;
  /** SHA-512, as hex, of the bytes that the version had when it was first assessed; absent when it was not before. */
  firstSha512?: string | null;
}

export const reasonSchema = z.looseObject({
  /** Stable reason code, `advisory.critical`. */
  code: z.string(),
  severity: severitySchema,
  /** The outcome of this reason alone. */
  outcome: z.enum(['approve', 'review', 'reject']),
  message: z.string(),
  /** The reader's next step. */
  remedy: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type Reason = Known<z.infer<typeof reasonSchema>>;

export const verdictSchema = z.looseObject({
  outcome: z.enum(['approve', 'review', 'reject']),
  reasons: z.array(reasonSchema),
  /** Digest of the policy document that judged. */
  policyVersion: z.string(),
  judgedAt: z.iso.datetime({ offset: true }),
});
export type Verdict = Known<z.infer<typeof verdictSchema>>;

export const decisionSchema = z.looseObject({
  /** `recalled`: an approval was taken back over new facts; it waits for a person again. */
  state: z.enum(['approved', 'rejected', 'recalled']),
  by: z.looseObject({ kind: z.enum(['policy', 'person']), name: z.string() }),
  reason: z.string(),
  at: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }).nullable(),
  /** Counts the decisions on this package version from 1; a higher one replaces a lower one. */
  sequence: z.number(),
  /** Digests of the assessed files that it is about, `sha512:<hex>`. Absent from older decisions. */
  digests: z.array(z.string()).optional(),
});
export type Decision = Known<z.infer<typeof decisionSchema>>;

/** A decision as read models show it: one that reached its end holds no longer, and keeps its other fields. */
export type ShownDecision = Omit<Decision, 'state'> & { state: Decision['state'] | 'ended' };

/** A decision as shown at a time: one past its end must not look as if it held. Pure. */
export function decisionAt<Shown extends Pick<ShownDecision, 'state' | 'until'>>(
  decision: Shown,
  now: Date,
): Shown {
  const isOver = decision.until !== null && new Date(decision.until) <= now;
  return isOver ? { ...decision, state: 'ended' } : decision;
}
