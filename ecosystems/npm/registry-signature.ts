import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { PermanentError, type SignatureEvidence } from '@sluice/contracts';
import { z } from 'zod';

/** A key that a registry signs with. */
export interface RegistryKey {
  id: string;
  key: KeyObject;
  /** Milliseconds since 1970; null where it has no end. */
  endMs: number | null;
}

const keysSchema = z.looseObject({
  keys: z
    .array(
      z.looseObject({
        keyid: z.string().max(200),
        key: z.string().max(2_000),
        expires: z.string().nullish(),
      }),
    )
    .max(100),
});

const signatureSchema = z.looseObject({ keyid: z.string().max(200), sig: z.string().max(2_000) });

/**
 * Reads a registry's list of keys; keys of another form than P-256 are left out. Source: npm, "ECDSA registry signatures".
 * @returns null for JSON that is no such list.
 */
export function readRegistryKeys(json: unknown): RegistryKey[] | null {
  const parsed = keysSchema.safeParse(json);
  if (!parsed.success) return null;
  return parsed.data.keys.flatMap(({ keyid, key, expires }) => {
    const read = publicKey(key);
    const endMs = expires ? Date.parse(expires) : null;
    return read === null || Number.isNaN(endMs) ? [] : [{ id: keyid, key: read, endMs }];
  });
}

/** @throws PermanentError `config.invalid` for a text that is no list of keys. */
export function configuredKeys(text: string): RegistryKey[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  const keys = readRegistryKeys(json);
  if (keys !== null && keys.length > 0) return keys;
  throw new PermanentError(
    'config.invalid',
    'REGISTRIES: the keysFile of npm is no list of keys: {"keys": [{"keyid", "key"}]}.',
  );
}

function publicKey(base64: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}

/** The parts of a version that a registry signs. */
export interface SignedVersion {
  name: string;
  version: string;
  /** As the registry states it, whole. */
  integrity: string;
  /** Milliseconds since 1970; null where it is not known. */
  publishedMs: number | null;
}

/** Whether one of the stated signatures is by one of these keys, right or wrong. */
export function isByOneOf(stated: readonly unknown[], keys: readonly RegistryKey[]): boolean {
  return stated.some((one) => {
    const keyid = signatureSchema.safeParse(one).data?.keyid;
    return keys.some(({ id }) => id === keyid);
  });
}

/**
 * Verifies the registry's signatures over a version, `name@version:integrity`. One by a key that is known is enough; a key counts for
 * versions that were published before its end.
 * @param stated of the version's `dist`.
 */
export function verifyRegistrySignature(
  { name, version, integrity, publishedMs }: SignedVersion,
  stated: readonly unknown[],
  keys: readonly RegistryKey[],
): SignatureEvidence {
  const message = Buffer.from(`${name}@${version}:${integrity}`);
  let unknown: SignatureEvidence | null = null;
  for (const one of stated) {
    const parsed = signatureSchema.safeParse(one);
    if (!parsed.success) continue;
    const { keyid, sig } = parsed.data;
    const known = keys.find(({ id }) => id === keyid);
    if (!known) {
      unknown ??= { status: 'unverified', key: keyid, detail: `The key ${keyid} is not known.` };
      continue;
    }
    if (!verify('sha256', message, known.key, Buffer.from(sig, 'base64')))
      return { status: 'failed', key: keyid, detail: 'The signature of the registry is not right.' };
    const fault = endFault(known, publishedMs);
    return fault ?? { status: 'verified', key: keyid, detail: null };
  }
  return unknown ?? { status: 'unverified', key: null, detail: 'The signatures cannot be read.' };
}

function endFault({ id, endMs }: RegistryKey, publishedMs: number | null): SignatureEvidence | null {
  if (endMs === null || (publishedMs !== null && publishedMs < endMs)) return null;
  return publishedMs === null
    ? { status: 'unverified', key: id, detail: 'Its key has ended, and the publish time is not known.' }
    : { status: 'failed', key: id, detail: 'Its key had ended when the version was published.' };
}
