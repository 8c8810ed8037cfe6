import type { ProvenanceEvidence } from '@sluice/contracts';
import type { Bundle } from '@sigstore/bundle';
import type { Signer, VerificationError } from '@sigstore/verify';
import { z } from 'zod';
import { attestationFault, unverified } from './evidence.ts';
import { UnknownKey, type Trust } from './trust.ts';

/** The file that an attestation has to be of. */
export interface AttestedSubject {
  /** Whether a name is one that the subject may have. */
  isNamed: (name: string) => boolean;
  /** `sha256` or `sha512`. */
  algorithm: string;
  /** Lower case. */
  hex: string;
}

export interface VerifiedStatement {
  evidence: ProvenanceEvidence;
  /** Type of the statement; null for one that cannot be read. */
  predicateType: string | null;
  /** By a certificate of an authority, not by a key of the registry. */
  isByCertificate: boolean;
}

const statementShape = z.looseObject({
  predicateType: z.string().max(500),
  subject: z
    .array(z.looseObject({ name: z.string(), digest: z.record(z.string(), z.string()) }))
    .min(1)
    .max(100),
});

const payloadType = 'application/vnd.in-toto+json';
/** Evidence of sixteen files has to fit into an event of 64 kB. */
const maxChars = { identity: 200, repository: 140, issuer: 100 };

/** Extensions of certificates. Source: Fulcio, "OID information". */
const sourceRepository = '1.3.6.1.4.1.57264.1.12';
const workflowRepository = '1.3.6.1.4.1.57264.1.5';

/**
 * Verifies a sigstore bundle with an in-toto statement: its signature, the certificate or key that it is by, its entry in a log, and
 * that it is about a file. Nothing is fetched.
 * @param bundle JSON of a bundle.
 * Source: Sigstore, "Client spec"; in-toto, "Statement".
 */
export async function verifyAttestation(
  bundle: unknown,
  subject: AttestedSubject,
  trust: Trust,
): Promise<VerifiedStatement> {
  const unread = (detail: string): VerifiedStatement => ({
    evidence: unverified(detail),
    predicateType: null,
    isByCertificate: false,
  });
  const parsed = await readBundle(bundle);
  if (parsed === null) return unread('The attestation is of a form that is not known.');
  const { content, verificationMaterial } = parsed;
  if (content.$case !== 'dsseEnvelope' || content.dsseEnvelope.payloadType !== payloadType)
    return unread('The attestation is no statement about a file.');
  const statement = readStatement(content.dsseEnvelope.payload);
  if (statement === null) return unread('The statement of the attestation cannot be read.');
  const { predicateType } = statement;
  const isByCertificate = verificationMaterial.content.$case !== 'publicKey';
  const evidence = await judge(parsed, trust);
  if (evidence.status === 'verified' && !isAbout(statement, subject)) {
    const detail = `The attestation is about ${statement.subject[0]!.name}, with other bytes or under another name.`;
    return { evidence: attestationFault(detail), predicateType, isByCertificate };
  }
  return { evidence, predicateType, isByCertificate };
}

async function readBundle(json: unknown): Promise<Bundle | null> {
  const { bundleFromJSON } = await import('@sigstore/bundle');
  try {
    return bundleFromJSON(json);
  } catch {
    return null;
  }
}

function readStatement(payload: Buffer): z.infer<typeof statementShape> | null {
  try {
    return statementShape.safeParse(JSON.parse(payload.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}

function isAbout(
  { subject: subjects }: z.infer<typeof statementShape>,
  { isNamed, algorithm, hex }: AttestedSubject,
): boolean {
  return subjects.some(({ name, digest }) => isNamed(name) && digest[algorithm]?.toLowerCase() === hex);
}

/** Errors that say that an authority or a key is not known here; the others say that something is wrong. */
const unknownAuthority = new Set<VerificationError['code']>([
  'CERTIFICATE_ERROR',
  'PUBLIC_KEY_ERROR',
  'TIMESTAMP_ERROR',
  'NOT_IMPLEMENTED_ERROR',
]);

async function judge(bundle: Bundle, trust: Trust): Promise<ProvenanceEvidence> {
  const { toSignedEntity, VerificationError: Fault, Verifier } = await import('@sigstore/verify');
  const strange = bundle.verificationMaterial.tlogEntries.some(
    ({ logId }) => !trust.logs.has(logId?.keyId.toString('base64') ?? ''),
  );
  if (strange) return unverified(`Its log is none of ${trust.source}.`);
  try {
    const signer = new Verifier(trust.material).verify(toSignedEntity(bundle));
    return verified(signer);
  } catch (error) {
    if (error instanceof UnknownKey) return unverified(`Its key is none of ${trust.source}.`);
    const { message } = error as Error;
    if (!(error instanceof Fault)) return unverified(`The attestation cannot be read: ${message}.`);
    if (unknownAuthority.has(error.code)) return unverified(`By ${trust.source}: ${message}.`);
    return attestationFault(`The attestation is not right: ${message}.`);
  }
}

function verified({ identity }: Signer): ProvenanceEvidence {
  const cut = (text: string | undefined, field: keyof typeof maxChars) =>
    text?.slice(0, maxChars[field]) ?? null;
  const extension = (oid: string) =>
    identity?.oids?.find((known) => known.oid?.id.join('.') === oid)?.value.toString('utf8');
  // The value is DER: a tag and a length stand in front of the text.
  const repository = extension(sourceRepository)?.replace(/^[\s\S]*?(?=https?:)/, '');
  return {
    status: 'verified',
    identity: cut(identity?.subjectAlternativeName, 'identity'),
    issuer: cut(identity?.extensions?.issuer, 'issuer'),
    repository: cut(repository ?? extension(workflowRepository), 'repository'),
    detail: null,
  };
}
