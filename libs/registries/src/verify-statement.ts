import { strongestHashes, type ByteDigests, type IntegrityHash } from '@sluice/contracts';

/** A registry's hashes of an archive. */
export interface IntegrityStatement {
  /** Subresource Integrity string, or null. */
  integrity: string | null;
  /** SHA-1 in hex, or null. */
  shasum: string | null;
}

export type StatementVerdict =
  | { matches: true; algorithm: IntegrityHash['algorithm'] | 'none' }
  | { matches: false; algorithm: IntegrityHash['algorithm']; expected: string; found: string };

/**
 * The hashes that decide: the strongest of `integrity`, else `shasum`; none when the registry states nothing usable.
 */
export function statedHashes({ integrity, shasum }: IntegrityStatement): IntegrityHash[] {
  const hashes = integrity === null ? [] : strongestHashes(integrity);
  if (hashes.length > 0) return hashes;
  return shasum !== null && /^[0-9a-f]{40}$/i.test(shasum)
    ? [{ algorithm: 'sha1', hex: shasum.toLowerCase() }]
    : [];
}

/** Compares bytes with the registry's hashes. No statement at all matches with `none`. */
export function verifyStatement(
  statement: IntegrityStatement,
  digests: Required<ByteDigests>,
): StatementVerdict {
  const hashes = statedHashes(statement);
  const [first] = hashes;
  if (!first) return { matches: true, algorithm: 'none' };
  const found = digests[first.algorithm];
  if (hashes.some((hash) => hash.hex === found)) return { matches: true, algorithm: first.algorithm };
  return { matches: false, algorithm: first.algorithm, expected: first.hex, found };
}
