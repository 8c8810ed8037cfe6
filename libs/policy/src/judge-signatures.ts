import type { Evidence, PackageFile, Reason, SignatureEvidence } from '@sluice/contracts';
import { reason, type ReasonCode } from './reasons.ts';
import type { Policy } from './schema.ts';

/** Codes of signatures that are not `verified`, by their status. */
const codes = {
  failed: 'signature.failed',
  unverified: 'signature.unverified',
  unavailable: 'signature.missing',
} as const satisfies Record<string, ReasonCode>;

/**
 * Judges the signatures over the files of a package version, and the key of its publisher. A signature that is not there, and one
 * that cannot be verified, are reasons where the policy does not approve them: most registries have none. Pure.
 * @param firstSigner fingerprint of the key that signed the first files of the namespace.
 */
export function judgeSignatures(
  { registry }: Evidence,
  policy: Policy,
  firstSigner: string | null,
): Reason[] {
  if (!registry) return [];
  const reasons = registry.files.flatMap((file) =>
    file.signature ? judgeSignature(file, file.signature, policy) : [],
  );
  const { signer = null } = registry;
  const isOther = signer !== null && firstSigner !== null && signer !== firstSigner;
  if (isOther && !policy.signatures.trustedKeys.includes(signer)) {
    const message = `Signed with the key ${signer}; its publisher signed with ${firstSigner} before.`;
    const data = { key: signer, first: firstSigner };
    reasons.push(reason('signature.key-changed', 'high', policy.signatures.keyChanged, message, data));
  }
  return reasons;
}

function judgeSignature(
  { file }: PackageFile,
  { status, key, detail }: SignatureEvidence,
  { signatures }: Policy,
): Reason[] {
  if (status === 'verified') return [];
  const outcome = signatures[status === 'unavailable' ? 'missing' : status];
  if (outcome === 'approve' && status !== 'failed') return [];
  const message = `${file}: ${detail ?? 'The registry states no signature.'}`;
  const severity = status === 'failed' ? 'critical' : 'medium';
  return [reason(codes[status], severity, outcome, message, { file, key })];
}
