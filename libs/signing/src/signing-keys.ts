import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { PermanentError } from '@sluice/contracts';

/** A key that verifies, by its id: SHA-256 of its SubjectPublicKeyInfo, as hex. */
export interface VerifyingKey {
  keyId: string;
  publicKey: KeyObject;
}

/** The keys of an installation: the first signs, the others verify statements from before. */
export interface SigningKeys {
  signer: VerifyingKey & { privateKey: KeyObject };
  all: readonly VerifyingKey[];
}

const pemBlock = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g;
/** Ed25519, and ECDSA over P-256 for key stores that have no other. */
const kinds = new Set(['ed25519', 'ec']);

/**
 * Reads private keys as PEM (PKCS #8), the one that signs first.
 * @throws PermanentError `config.invalid`.
 */
export function readSigningKeys(pem: string): SigningKeys {
  const keys = [...pem.matchAll(pemBlock)].map(([block]) => {
    const privateKey = attempt(() => createPrivateKey(block));
    return { ...verifyingKey(createPublicKey(privateKey)), privateKey };
  });
  const [signer] = keys;
  if (!signer) throw invalid('it has no PEM block of a private key');
  return { signer, all: keys.map(({ keyId, publicKey }) => ({ keyId, publicKey })) };
}

/**
 * Reads public keys as PEM, such as `sluice signing-keys` prints them.
 * @throws PermanentError `config.invalid`.
 */
export function readVerifyingKeys(pem: string): VerifyingKey[] {
  const keys = [...pem.matchAll(pemBlock)].map(([block]) =>
    verifyingKey(attempt(() => createPublicKey(block))),
  );
  if (keys.length === 0) throw invalid('it has no PEM block of a public key');
  return keys;
}

/** A new private key as PEM. */
export function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export function pemOf({ publicKey }: VerifyingKey): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function verifyingKey(publicKey: KeyObject): VerifyingKey {
  const kind = publicKey.asymmetricKeyType ?? 'unknown';
  const curve = publicKey.asymmetricKeyDetails?.namedCurve;
  if (!kinds.has(kind) || (kind === 'ec' && curve !== 'prime256v1'))
    throw invalid(`a key is ${curve ?? kind}, and neither Ed25519 nor P-256`);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return { keyId: createHash('sha256').update(spki).digest('hex'), publicKey };
}

function attempt(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch (cause) {
    throw invalid('a PEM block cannot be read', cause);
  }
}

function invalid(why: string, cause?: unknown): PermanentError {
  return new PermanentError('config.invalid', `The keys for signatures cannot be used: ${why}.`, { cause });
}
