import { z } from 'zod';
import type { Known } from '../known.ts';
import { provenanceSchema, signatureSchema } from './provenance.ts';
import { contentAlgorithms, integrityAlgorithms } from '../integrity.ts';

/** A digest in the artifact store. */
export const sha256Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

export const fileHashSchema = z.looseObject({
  algorithm: z.enum([...integrityAlgorithms, ...contentAlgorithms]),
  /** Lower case. */
  hex: z.string(),
});

/** Fields that tell the files of one package version apart. */
export const fileIdentity = {
  /** Name within the package version: `lodash-4.17.21.tgz`. */
  file: z.string(),
  /** Form of the archive: `tarball`, `sdist`, `wheel`, `zip`. */
  kind: z.string(),
  /** The platform that it is for, in the ecosystem's own words; null for all. */
  platform: z.string().nullable(),
};

/** An archive of a package version, as its registry states it. */
export const packageFileSchema = z.looseObject({
  ...fileIdentity,
  url: z.string(),
  sizeBytes: z.number().nullable(),
  /** All that the registry states; none when it states nothing that is understood. */
  hashes: z.array(fileHashSchema),
  /** Absent for ecosystems whose registries have no signatures, and in older events. */
  signature: signatureSchema.optional(),
  /** The same of attestations. */
  provenance: provenanceSchema.optional(),
});
export type PackageFile = Known<z.infer<typeof packageFileSchema>>;
