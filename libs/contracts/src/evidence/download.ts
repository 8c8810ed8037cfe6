import { z } from 'zod';
import type { Known } from '../known.ts';
import { fileIdentity, sha256Digest } from './files.ts';

export const downloadedFileSchema = z.looseObject({
  ...fileIdentity,
  /**
   * `verified`: the bytes match the registry's hashes. `integrity-failed`: they did not, three times; nothing is
   * stored. `missing`: the registry has the version but not these bytes.
   */
  status: z.enum(['verified', 'integrity-failed', 'missing']),
  detail: z.string().nullable(),
  artifactDigest: sha256Digest.nullable(),
  sizeBytes: z.number().nullable(),
  /** Digests of the received bytes, in hex, to compare each lockfile's pin against. */
  digests: z
    .looseObject({
      sha1: z.string(),
      sha256: z.string(),
      sha512: z.string(),
      /** Content hashes, which the scan adds: it opens the archive. Two where a zip has entries for its folders. */
      h1: z.array(z.string()).optional(),
    })
    .nullable(),
  /** The strongest algorithm that the registry's statement let us verify with. */
  verifiedWith: z.enum(['sha512', 'sha384', 'sha256', 'sha1', 'none']),
  /** True when the registry states nothing stronger than SHA-1. */
  weak: z.boolean(),
});
export type DownloadedFile = Known<z.infer<typeof downloadedFileSchema>>;

export const downloadEvidenceSchema = z.looseObject({
  /** One entry for each file of the assessment. */
  files: z.array(downloadedFileSchema),
  /** As the registry evidence has them, for the pins of lockfiles. */
  otherHashes: z.array(z.string()).optional(),
  producer: z.string(),
});
export type DownloadEvidence = Known<z.infer<typeof downloadEvidenceSchema>>;
