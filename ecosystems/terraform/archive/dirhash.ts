import { createHash } from 'node:crypto';

/** A file by its path in an archive, with the SHA-256 of its bytes in lower-case hex. */
export interface HashedFile {
  path: string;
  hex: string;
}

const emptyHex = createHash('sha256').digest('hex');

/**
 * The `h1` hash of some files: SHA-256 over a line for each, in the order of the bytes of their names. Source: Go,
 * golang.org/x/mod/sumdb/dirhash, Hash1.
 * @returns in lower-case hex; null for a name that the list cannot have.
 */
export function hash1(files: readonly HashedFile[]): string | null {
  if (files.some(({ path }) => path.includes('\n'))) return null;
  const named = files.map(({ path, hex }) => ({ name: Buffer.from(path), hex }));
  const sorted = named.toSorted((a, b) => Buffer.compare(a.name, b.name));
  const hash = createHash('sha256');
  for (const { name, hex } of sorted) hash.update(`${hex}  `).update(name).update('\n');
  return hash.digest('hex');
}

/**
 * The hashes that Terraform may have of an archive. It hashes the folder that it unpacked, where folders do not count, or the zip, where
 * entries for folders count as empty files.
 * @param folders entries of a zip for folders, with their slashes.
 */
export function contentHashes(files: readonly HashedFile[], folders: readonly string[]): string[] {
  const entries = folders.map((path) => ({ path, hex: emptyHex }));
  const hashes = [hash1(files), ...(folders.length > 0 ? [hash1([...files, ...entries])] : [])];
  return hashes.filter((hash) => hash !== null);
}
