import { z } from 'zod';
import type { Known } from '../known.ts';
import { packageFileSchema, sha256Digest } from './files.ts';
import { provenanceSchema } from './provenance.ts';

/** Enough to tell files apart; whole hashes of some hundred files are too much for an event. */
export const otherHashDigits = 32;
/** A list of this length may be cut. */
export const otherHashesMax = 250;

const timestamp = z.iso.datetime({ offset: true });

/** A registry's statements about a package version, apart from its license. */
export const registryEvidenceSchema = z.looseObject({
  publishedAt: timestamp.nullable(),
  /** When the registry got the first version of the package. */
  firstSeenAt: timestamp.nullable(),
  /** The publisher's reason, when the version was deprecated or yanked. */
  withdrawn: z.looseObject({ how: z.enum(['deprecated', 'yanked']), reason: z.string() }).nullable(),
  repositoryUrl: z.string().nullable(),
  /** The account that published the version, where the registry says. */
  publisher: z.string().nullable(),
  /**
   * Fingerprint of the key that the publisher signed the files with; the first one of a namespace is remembered. Null where nothing was verified, absent for
   * registries that sign themselves.
   */
  signer: z.string().nullish(),
  /** Names of the hooks that run at install, such as `postinstall`. */
  runsAtInstall: z.array(z.string()),
  /** Whether the version published just before this one ran something at install; null when unknown or none. */
  previousRanAtInstall: z.boolean().nullable(),
  /** What came since the version before this one; null where that one is not known; absent in older events. */
  gained: z
    .looseObject({
      /** The version before. */
      since: z.string(),
      /** Who published that one, where it is another account. */
      publisherBefore: z.string().nullable(),
      /** Dependencies that it did not have, with the time at which the registry got the first version of each. */
      dependencies: z.array(z.looseObject({ name: z.string(), firstSeenAt: timestamp.nullable() })),
    })
    .nullish(),
  /**
   * The attestation of the version before, with which that of this one is compared; null where that version is not known, absent for
   * registries without attestations.
   */
  provenanceBefore: z.looseObject({ version: z.string(), provenance: provenanceSchema }).nullish(),
  /** The files of this assessment. */
  files: z.array(packageFileSchema),
  /**
   * Beginnings of the SHA-256 and content hashes of files of the version that are not assessed, `otherHashDigits` hex digits each;
   * absent where all files are assessed, unless a pin of any other file has to be noticed.
   */
  otherHashes: z.array(z.string()).optional(),
  /** The list of all files of the version, in the artifact store; null in events of version 1. */
  filesDigest: sha256Digest.nullable(),
  /** The tags of the package, version by tag, in the artifact store; null where there are none; absent in older events. */
  tagsDigest: sha256Digest.nullish(),
  /** The version's manifest as the registry sent it, kept in the artifact store for later stages. */
  metadataDigest: sha256Digest,
  producer: z.string(),
});
export type RegistryEvidence = Known<z.infer<typeof registryEvidenceSchema>>;
