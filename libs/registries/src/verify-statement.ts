import { strongestOf, type ByteDigests, type FileHash, type IntegrityHash } from '@sluice/contracts';

export type StatementVerdict =
  | { matches: true; algorithm: IntegrityHash['algorithm'] | 'none' }
  | { matches: false; algorithm: IntegrityHash['algorithm']; expected: string; found: string };

/**
 * Compares bytes with the registry's hashes, of which the strongest decide. No statement at all matches with `none`.
 */
export function verifyStatement(
  stated: readonly FileHash[],
  digests: Required<Omit<ByteDigests, 'h1'>>,
): StatementVerdict {
  const hashes = strongestOf(stated);
  const [first] = hashes;
  if (!first) return { matches: true, algorithm: 'none' };
  const found = digests[first.algorithm];
  if (hashes.some((hash) => hash.hex === found)) return { matches: true, algorithm: first.algorithm };
  return { matches: false, algorithm: first.algorithm, expected: first.hex, found };
}
