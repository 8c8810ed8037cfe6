import type { ProvenanceEvidence } from '@sluice/contracts';
import {
  attestationFault,
  unverified,
  verifyAttestation,
  type Trust,
  type VerifiedStatement,
} from '@sluice/provenance';
import { z } from 'zod';

/** Who uploads with which workflow, as the index has checked. */
const publisherSchema = z.looseObject({
  kind: z.string().max(50),
  /** `acme/thing`. */
  repository: z.string().max(300).optional(),
  email: z.string().max(300).optional(),
});

const attestationSchema = z.looseObject({
  version: z.literal(1),
  verification_material: z.looseObject({
    certificate: z.string(),
    transparency_entries: z.array(z.unknown()).max(20),
  }),
  envelope: z.looseObject({ statement: z.string(), signature: z.string() }),
});

const documentSchema = z.looseObject({
  attestation_bundles: z
    .array(z.looseObject({ publisher: publisherSchema, attestations: z.array(z.unknown()).max(20) }))
    .max(20),
});

/** A file that attestations are about. */
export interface AttestedFile {
  file: string;
  /** In hex, as the index states it; null where it states none. */
  sha256: string | null;
}

/**
 * Verifies the attestations that an index has of a file: each by itself, and that the certificate is of the publisher that the index
 * names. One that is wrong makes the whole wrong.
 * @param json the index's provenance object. Source: PEP 740.
 */
export async function verifyProvenance(
  json: unknown,
  { file, sha256 }: AttestedFile,
  trust: Trust,
): Promise<ProvenanceEvidence> {
  const parsed = documentSchema.safeParse(json);
  if (!parsed.success) return unverified('The attestations are of a form that is not known.');
  if (sha256 === null) return unverified('The index states no SHA-256 that an attestation could be of.');
  const isNamed = (name: string) => normalised(name) === normalised(file);
  const subject = { isNamed, algorithm: 'sha256', hex: sha256 };
  const found = await Promise.all(
    parsed.data.attestation_bundles.flatMap(({ publisher, attestations }) =>
      attestations.map(async (one) => ofPublisher(await verifyOne(one, subject, trust), publisher)),
    ),
  );
  const [first] = found;
  if (!first) return unverified('The provenance of the file has no attestation.');
  return (
    found.find(({ status }) => status === 'failed') ??
    found.find(({ status }) => status === 'verified') ??
    first
  );
}

/** Build tools have written names of files in several spellings. Source: PEP 503, PEP 625. */
function normalised(file: string): string {
  return file.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

async function verifyOne(
  json: unknown,
  subject: Parameters<typeof verifyAttestation>[1],
  trust: Trust,
): Promise<VerifiedStatement['evidence']> {
  const parsed = attestationSchema.safeParse(json);
  if (!parsed.success) return unverified('The attestation is of a form that is not known.');
  const { verification_material: material, envelope } = parsed.data;
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: { rawBytes: material.certificate },
      tlogEntries: material.transparency_entries,
    },
    dsseEnvelope: {
      payload: envelope.statement,
      payloadType: 'application/vnd.in-toto+json',
      signatures: [{ sig: envelope.signature, keyid: '' }],
    },
  };
  return (await verifyAttestation(bundle, subject, trust)).evidence;
}

/** A right attestation of another identity than the publisher that the index names is a wrong one. */
function ofPublisher(
  evidence: ProvenanceEvidence,
  { kind, repository, email }: z.infer<typeof publisherSchema>,
): ProvenanceEvidence {
  if (evidence.status !== 'verified') return evidence;
  const isOwn =
    repository === undefined
      ? email === undefined || evidence.identity === email
      : isRepository(evidence.repository, kind, repository);
  if (isOwn) return evidence;
  return attestationFault(
    `It is by ${evidence.identity}, and the index names ${kind} ${repository ?? email}.`,
  );
}

/** `https://github.com/acme/thing` is `acme/thing` of the kind `GitHub`. */
function isRepository(url: string | null, kind: string, repository: string): boolean {
  if (url === null || !URL.canParse(url)) return false;
  const { hostname, pathname } = new URL(url);
  const isKind = hostname.toLowerCase().includes(kind.toLowerCase());
  return isKind && pathname.slice(1).toLowerCase() === repository.toLowerCase();
}
