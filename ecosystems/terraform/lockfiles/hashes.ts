import { unreadable, type Pin, type PinsRead } from '@sluice/contracts';
import { shown } from '@sluice/intake';

/** A provider with files for all platforms has some 20, each with up to two hashes. */
const hashesMax = 1_000;

/**
 * Reads the hashes of a lockfile: `zh:` is the SHA-256 of an archive, `h1:` a hash of the files in one. A provider has one of each for every
 * platform, of which Terraform takes a file that has any. Source: Terraform, "Dependency Lock File", package hashes.
 */
export function readHashes(hashes: readonly string[]): PinsRead {
  const pins: Pin[] = [];
  let note: PinsRead['note'] = null;
  for (const text of new Set(hashes.slice(0, hashesMax))) {
    const pin = readHash(text);
    if (pin) pins.push(pin);
    else note = unreadable(`"${shown(text)}"`);
  }
  if (hashes.length > hashesMax) note = unreadable(`of ${hashes.length} hashes`);
  return { pins, note };
}

/** @returns null for a text that is no hash of a known scheme. */
export function readHash(text: string): Pin | null {
  const zip = /^zh:([0-9a-f]{64})$/.exec(text)?.[1];
  if (zip !== undefined) return { algorithm: 'sha256', hex: zip };
  const content = /^h1:([A-Za-z0-9+/]{43}=)$/.exec(text)?.[1];
  return content === undefined
    ? null
    : { algorithm: 'h1', hex: Buffer.from(content, 'base64').toString('hex') };
}
