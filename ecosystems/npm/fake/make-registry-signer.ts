import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/** A key that a registry signs versions with. Source: npm, "ECDSA registry signatures". */
export interface RegistrySigner {
  /** One entry of the list of keys. */
  listed(expires?: string | null): Record<string, unknown>;
  /** The value of `dist.signatures`. */
  signatures(name: string, version: string, integrity: string): { keyid: string; sig: string }[];
}

export function makeRegistrySigner(): RegistrySigner {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const keyid = `SHA256:${createHash('sha256').update(spki).digest('base64').replace(/=+$/, '')}`;
  return {
    listed: (expires = null) => ({
      expires,
      keyid,
      keytype: 'ecdsa-sha2-nistp256',
      scheme: 'ecdsa-sha2-nistp256',
      key: spki.toString('base64'),
    }),
    signatures: (name, version, integrity) => [
      {
        keyid,
        sig: sign('sha256', Buffer.from(`${name}@${version}:${integrity}`), privateKey).toString('base64'),
      },
    ],
  };
}
