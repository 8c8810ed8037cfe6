/** A publisher of providers, with a key made for the test. */
export interface FakeSigner {
  armoredKey: string;
  /** In capitals. */
  fingerprint: string;
  keyId: string;
  /** A detached signature, binary as registries have it. */
  sign(document: Uint8Array): Promise<Uint8Array>;
}

export async function makeSigner(name = 'acme'): Promise<FakeSigner> {
  const { createMessage, generateKey, sign } = await import('openpgp');
  const { privateKey, publicKey } = await generateKey({
    userIDs: [{ name, email: `${name}@registry.example` }],
    format: 'object',
    // Terraform's own reader of keys takes RSA alone for sure.
    type: 'rsa',
    rsaBits: 2048,
  });
  return {
    armoredKey: publicKey.armor(),
    fingerprint: publicKey.getFingerprint().toUpperCase(),
    keyId: publicKey.getKeyID().toHex().toUpperCase(),
    sign: async (document) =>
      await sign({
        message: await createMessage({ binary: document }),
        signingKeys: privateKey,
        detached: true,
        format: 'binary',
      }),
  };
}
