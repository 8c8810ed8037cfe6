import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

/** One entry of an archive that is built in memory. */
export interface TarballEntry {
  /** As it stands in the archive, for instance `package/index.js`; may be as hostile as a test needs. */
  path: string;
  content?: string | Uint8Array;
  type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO';
  linkpath?: string;
  mode?: number;
  /** The size that the header states, where it shall differ from the content's. */
  statedSize?: number;
}

const BLOCK_BYTES = 512;
// The same entries give the same bytes, and so the same hash, on every run.
const mtime = new Date('1985-10-26T08:15:00Z');

/**
 * A .tar.gz of these entries. Paths longer than 100 bytes that the ustar prefix cannot split are refused.
 * @param tail bytes after the archive's end mark, inside the gzip stream.
 */
export function buildTarball(entries: TarballEntry[], tail: Uint8Array = new Uint8Array()): Buffer {
  const blocks = entries.flatMap((entry) => encodeEntry(entry));
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES), tail]));
}

function encodeEntry(entry: TarballEntry): Buffer[] {
  const { path, content = '', type = 'File', linkpath = '', mode = 0o644, statedSize } = entry;
  const body = Buffer.from(content as string);
  const header = new Header({
    path,
    type,
    linkpath,
    mode,
    size: statedSize ?? body.length,
    mtime,
    uid: 0,
    gid: 0,
  });
  header.encode();
  if (header.needPax || header.block === undefined)
    throw new Error(`This path does not fit into a ustar header: ${path}`);
  const padding = Buffer.alloc((BLOCK_BYTES - (body.length % BLOCK_BYTES)) % BLOCK_BYTES);
  return [header.block, body, padding];
}

/** The tarball of an npm package: its manifest and files below `package/`, as `npm pack` makes them. */
export function buildNpmTarball(
  manifest: Record<string, unknown>,
  files: Record<string, string | Uint8Array> = {},
): Buffer {
  return buildTarball([
    { path: 'package/package.json', content: JSON.stringify(manifest, null, 2) },
    ...Object.entries(files).map(([path, content]) => ({ path: `package/${path}`, content })),
  ]);
}

/** The integrity string that a registry states (W3C Subresource Integrity). */
export function integrityOf(bytes: Uint8Array, algorithm: 'sha1' | 'sha256' | 'sha512' = 'sha512'): string {
  return `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`;
}
