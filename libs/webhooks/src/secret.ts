import { randomBytes } from 'node:crypto';

const prefix = 'whsec_';
/** Of the 24 to 64 bytes that the specification allows; as long as the digest of its HMAC. */
const secretSizeBytes = 32;

/** A new secret of a webhook, as its receiver is given it. */
export function makeSecret(): string {
  return prefix + randomBytes(secretSizeBytes).toString('base64');
}

/** The key that a secret stands for. @param secret with its prefix or without. */
export function secretBytes(secret: string): Buffer {
  return Buffer.from(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret, 'base64');
}
