import type { SignatureEvidence } from '@sluice/contracts';
import type { Key } from 'openpgp';

/** A registry states one key, or two while they change. */
const keysMax = 20;

/**
 * Verifies a detached signature over a document with the keys that the registry states, one of which has to have made it. Who the keys
 * belong to is not said by it: see the first key of a namespace.
 * @param signature binary or armored.
 * @param armoredKeys as the registry states them; those that cannot be read count as not stated.
 */
export async function verifySignature(
  document: Uint8Array,
  signature: Uint8Array,
  armoredKeys: readonly string[],
): Promise<SignatureEvidence> {
  // Loaded here, since it takes 50 ms, and few processes verify signatures.
  const { config, createMessage, readSignature, verify } = await import('openpgp');
  const keys = (await Promise.all(armoredKeys.slice(0, keysMax).map(readKey))).flat();
  if (keys.length === 0) {
    const detail = 'The registry states no key to verify the signature with.';
    return { status: 'unverified', key: null, detail };
  }
  let parsed: Awaited<ReturnType<typeof readSignature>>;
  try {
    const text = Buffer.from(signature).toString('latin1');
    parsed = text.startsWith('-----BEGIN')
      ? await readSignature({ armoredSignature: text })
      : await readSignature({ binarySignature: signature });
  } catch {
    return { status: 'failed', key: null, detail: 'The signature cannot be read.' };
  }
  const { signatures } = await verify({
    message: await createMessage({ binary: document }),
    signature: parsed,
    verificationKeys: keys,
    // Terraform takes DSA keys, which some publishers still have.
    config: { ...config, rejectPublicKeyAlgorithms: new Set() },
  });
  let detail = 'It is by none of the keys that the registry states.';
  for (const { keyID, verified } of signatures) {
    const key = keys.find((one) => one.getKeys(keyID).length > 0);
    if (!key) continue;
    const fault = await verified.then(
      () => null,
      (error: unknown) => (error as Error).message,
    );
    if (fault === null) return { status: 'verified', key: fingerprintOf(key), detail: null };
    detail = `It is not right: ${fault.slice(0, 200)}.`;
  }
  return { status: 'failed', key: null, detail };
}

async function readKey(armored: string): Promise<Key[]> {
  const { readKeys } = await import('openpgp');
  return await readKeys({ armoredKeys: armored }).catch(() => []);
}

function fingerprintOf(key: Key): string {
  return key.getFingerprint().toUpperCase();
}
