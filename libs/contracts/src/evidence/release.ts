import { z } from 'zod';
import type { Known } from '../known.ts';
import { fileIdentity, sha256Digest } from './files.ts';
import { decisionSchema } from './verdict.ts';

const timestamp = z.iso.datetime({ offset: true });

/** What an approval lets be installed: the files that it names, and the registry's statements that go with them. */
export const releaseSchema = z.looseObject({
  publishedAt: timestamp.nullable(),
  /** The version's manifest as the registry sent it, in the artifact store. */
  metadataDigest: sha256Digest,
  /** The tags that the package had then, in the artifact store; null where it has none, or they are not known. */
  tagsDigest: sha256Digest.nullable(),
  /** When the registry was asked. */
  gatheredAt: timestamp,
  files: z.array(
    z.looseObject({
      ...fileIdentity,
      artifactDigest: sha256Digest,
      sizeBytes: z.number().int().nonnegative(),
    }),
  ),
});
export type Release = Known<z.infer<typeof releaseSchema>>;

/** How a package version stands in a scope, as a line of the list that `listStandingsCommand` makes. */
export const standingSchema = z.looseObject({
  purl: z.string(),
  scope: z.string(),
  decision: decisionSchema.nullable(),
  /** Of an approval that holds. */
  release: releaseSchema.nullable(),
  verdict: z.looseObject({ outcome: z.string(), codes: z.array(z.string()) }).nullable(),
});
export type Standing = Known<z.infer<typeof standingSchema>>;
