/** Subresource Integrity and the hashes of registries. No I/O. */

/** Strongest first. */
export const integrityAlgorithms = ['sha512', 'sha384', 'sha256', 'sha1'] as const;
export type IntegrityAlgorithm = (typeof integrityAlgorithms)[number];

/** Hashes of the files in an archive, however it is packed. `h1`: SHA-256 over names and SHA-256 of files, as Go's `dirhash` has it. */
export const contentAlgorithms = ['h1'] as const;
export type ContentAlgorithm = (typeof contentAlgorithms)[number];

/** A hash of an archive's bytes, or of the files in it. */
export interface FileHash {
  algorithm: IntegrityAlgorithm | ContentAlgorithm;
  /** Lower case. */
  hex: string;
}

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
  /** Content hashes of the files in it; absent where the ecosystem has none, and until the archive was opened. */
  h1?: string[] | undefined;
}

const digestBytes: Record<IntegrityAlgorithm, number> = { sha512: 64, sha384: 48, sha256: 32, sha1: 20 };

/** An integrity with more hashes than this is junk, and junk must not cost time. */
const integrityLengthMax = 4_096;

/** The hashes of the strongest algorithm among them, which decide alone. Content hashes are none of an archive's bytes. */
export function strongestOf(hashes: readonly FileHash[]): IntegrityHash[] {
  const strongest = integrityAlgorithms.find((algorithm) =>
    hashes.some((hash) => hash.algorithm === algorithm),
  );
  return hashes.filter((hash): hash is IntegrityHash => hash.algorithm === strongest);
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
 * The hashes of an integrity string, in its order. Unknown algorithms and damaged hashes are passed over, as the
 * specification says.
 * Source: W3C Subresource Integrity §3.3; lockfiles also have sha1.
 */
export function parseHashes(integrity: string): IntegrityHash[] {
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
