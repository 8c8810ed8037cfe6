import { createHash } from 'node:crypto';

/** The integrity string that a registry states (W3C Subresource Integrity). */
export function integrityOf(bytes: Uint8Array, algorithm: 'sha1' | 'sha256' | 'sha512' = 'sha512'): string {
  return `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`;
}
