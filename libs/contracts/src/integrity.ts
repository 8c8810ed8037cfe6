/** Subresource Integrity: pins of lockfiles and hashes of registries. No I/O. */

/** Strongest first. */
export const integrityAlgorithms = ['sha512', 'sha384', 'sha256', 'sha1'] as const;
export type IntegrityAlgorithm = (typeof integrityAlgorithms)[number];

export interface IntegrityHash {
  algorithm: IntegrityAlgorithm;
  /** Lower case. */
  hex: string;
}

/** Digests of the same bytes, in lower-case hex. */
export interface ByteDigests {
  sha1: string;
  sha256: string;
  sha512: string;
  sha384?: string | undefined;
}

const digestBytes: Record<IntegrityAlgorithm, number> = { sha512: 64, sha384: 48, sha256: 32, sha1: 20 };

/** A pin with more hashes than this is junk, and junk must not cost time. */
const integrityLengthMax = 4_096;

/**
 * The hashes of the strongest algorithm in an integrity string; there may be several, and any of them may match.
 * Unknown algorithms and damaged hashes are passed over, as the specification says.
 * Source: W3C Subresource Integrity §3.3; npm also writes sha1.
 */
export function strongestHashes(integrity: string): IntegrityHash[] {
  return strongestOf(parseHashes(integrity));
}

/** The hashes of the strongest algorithm among them, which decide alone. */
export function strongestOf(hashes: IntegrityHash[]): IntegrityHash[] {
  const strongest = integrityAlgorithms.find((algorithm) =>
    hashes.some((hash) => hash.algorithm === algorithm),
  );
  return hashes.filter((hash) => hash.algorithm === strongest);
}

/**
 * The hashes that a registry states of an archive.
 * @param statement `integrity`: a Subresource Integrity string. `shasum`: SHA-1 in hex, which counts without the other.
 */
export function statedHashes({
  integrity,
  shasum,
}: {
  integrity: string | null;
  shasum: string | null;
}): IntegrityHash[] {
  const hashes = integrity === null ? [] : parseHashes(integrity);
  if (hashes.length > 0) return hashes;
  return shasum !== null && /^[0-9a-f]{40}$/i.test(shasum)
    ? [{ algorithm: 'sha1', hex: shasum.toLowerCase() }]
    : [];
}

/**
 * Whether every hash of a pin is understood. A pin with a part that is not (`sha3-…`, a truncated hash) is not the same
 * as no pin: it was meant to restrict the bytes.
 */
export function isPinReadable(pin: string): boolean {
  const tokens = pin.split(/\s+/).filter((token) => token !== '');
  return tokens.length > 0 && parseHashes(pin).length === tokens.length && isPinUsable(pin);
}

/**
 * Whether a pin ties down one content. Of several hashes of one algorithm any may match: such a pin lets an installer
 * take other bytes than those that it was compared with.
 */
export function isPinUsable(pin: string): boolean {
  return new Set(strongestHashes(pin).map(({ hex }) => hex)).size === 1;
}

/**
 * Whether bytes are the ones that a pin names. The strongest algorithm of the pin decides alone: a weak hash that
 * fits cannot make up for a strong one that does not.
 * @param pin the integrity string of a lockfile.
 * @returns `unknown` when the pin has no usable hash, or its strongest cannot be compared with these digests.
 */
export function pinMatches(pin: string, digests: ByteDigests): 'match' | 'mismatch' | 'unknown' {
  const hashes = strongestHashes(pin);
  const found = hashes[0] && digests[hashes[0].algorithm];
  if (!found) return 'unknown';
  return hashes.some((hash) => hash.hex === found.toLowerCase()) ? 'match' : 'mismatch';
}

function parseHashes(integrity: string): IntegrityHash[] {
  if (integrity.length > integrityLengthMax) return [];
  return integrity.split(/\s+/).flatMap((token) => {
    const [, name, base64] =
      /^(sha512|sha384|sha256|sha1)-([A-Za-z0-9+/]+={0,2})(?:\?.*)?$/.exec(token) ?? [];
    if (!name || !base64) return [];
    const algorithm = name as IntegrityAlgorithm;
    const bytes = Buffer.from(base64, 'base64');
    return bytes.length === digestBytes[algorithm] ? [{ algorithm, hex: bytes.toString('hex') }] : [];
  });
}
