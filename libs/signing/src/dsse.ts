import { sign, verify } from 'node:crypto';
import { z } from 'zod';
import type { SigningKeys, VerifyingKey } from './signing-keys.ts';

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);

/** Source: https://github.com/secure-systems-lab/dsse, envelope.md. */
export const envelopeSchema = z.object({
  payloadType: z.string(),
  payload: base64,
  signatures: z
    .array(z.object({ keyid: z.string(), sig: base64 }))
    .min(1)
    .max(20),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** Signs a payload: type and bytes together, so that neither can be taken for another. */
export function signEnvelope(payloadType: string, payload: Buffer, { signer }: SigningKeys): Envelope {
  const sig = sign(digestOf(signer), preAuthentication(payloadType, payload), signer.privateKey);
  return {
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: signer.keyId, sig: sig.toString('base64') }],
  };
}

/**
 * Verifies an envelope. The id of a signature only chooses the key; the signature has to be right by it.
 * @returns the payload, and the key that it is by; null when no signature is right by a key that is trusted.
 */
export function openEnvelope(
  { payloadType, payload, signatures }: Envelope,
  trusted: readonly VerifyingKey[],
): { payload: Buffer; keyId: string } | null {
  const bytes = Buffer.from(payload, 'base64');
  const message = preAuthentication(payloadType, bytes);
  for (const { keyid, sig } of signatures) {
    const key = trusted.find(({ keyId }) => keyId === keyid);
    if (key && verify(digestOf(key), message, key.publicKey, Buffer.from(sig, 'base64')))
      return { payload: bytes, keyId: key.keyId };
  }
  return null;
}

/** Source: https://github.com/secure-systems-lab/dsse, protocol.md, PAE. */
function preAuthentication(payloadType: string, payload: Buffer): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

/** Ed25519 hashes by itself. */
const digestOf = ({ publicKey }: VerifyingKey) =>
  publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
