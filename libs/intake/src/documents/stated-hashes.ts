import type { IntegrityAlgorithm } from '@sluice/contracts';

/** A hash as a document states it. */
export interface StatedHash {
  /** In the document's own spelling: `SHA-512`, `SHA512`, `sha512`. */
  algorithm: string;
  value: string;
}

const algorithms: Record<string, IntegrityAlgorithm> = {
  sha1: 'sha1',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
};

/**
 * The hashes as one Subresource Integrity string, as lockfiles have it. Algorithms that files are not compared by (MD5, SHA-3,
 * BLAKE) are left out: documents state several, and the others tie the bytes down.
 * @returns undefined where none can be compared.
 */
export function integrityOf(hashes: readonly StatedHash[]): string | undefined {
  const texts = hashes.flatMap(({ algorithm, value }) => {
    const known = algorithms[algorithm.toLowerCase().replace(/^sha-?/, 'sha')];
    return known && /^(?:[0-9a-f]{2}){20,64}$/i.test(value)
      ? [`${known}-${Buffer.from(value, 'hex').toString('base64')}`]
      : [];
  });
  return texts.length === 0 ? undefined : [...new Set(texts)].join(' ');
}

/** The `checksum` of a purl, `sha1:ad95…,sha256:9f8e…`. Source: purl specification, "Known qualifiers". */
export function readChecksums(checksum: string | undefined): StatedHash[] {
  if (checksum === undefined) return [];
  return checksum.split(',', 20).map((text) => {
    const [algorithm = '', value = ''] = text.split(':');
    return { algorithm, value };
  });
}
