import { z } from 'zod';
import type { Known } from '../known.ts';

/**
 * How far a signature or an attestation was verified. `verified`: it is right, by a key or an authority that is trusted. `failed`:
 * it is there and wrong. `unverified`: it is there, and nothing here tells whether it is right: no key, no trust root, an
 * unknown form. `unavailable`: the registry states none. Only the first says anything good of a file.
 */
export const verificationStatus = z.enum(['verified', 'failed', 'unverified', 'unavailable']);
export type VerificationStatus = z.infer<typeof verificationStatus>;

/** A signature over a file, or over a list that states its hash. */
export const signatureSchema = z.looseObject({
  status: verificationStatus,
  /** The key that it is by: a fingerprint, or the registry's id of the key; null where there is none. */
  key: z.string().nullable(),
  /** Why it is not `verified`; null when it is. */
  detail: z.string().nullable(),
});
export type SignatureEvidence = Known<z.infer<typeof signatureSchema>>;

/** An attestation of where and by whom a file was built or published. */
export const provenanceSchema = z.looseObject({
  status: verificationStatus,
  /** The identity that the certificate names: `https://git.example/acme/pkg/.github/workflows/release.yml@refs/tags/v1`. */
  identity: z.string().nullable(),
  /** Who vouches for that identity. */
  issuer: z.string().nullable(),
  /** The repository that it was built from. */
  repository: z.string().nullable(),
  /** Why it is not `verified`; null when it is. */
  detail: z.string().nullable(),
});
export type ProvenanceEvidence = Known<z.infer<typeof provenanceSchema>>;
