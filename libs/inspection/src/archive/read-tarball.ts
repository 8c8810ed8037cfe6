import { createHash } from 'node:crypto';
import { Parser, type ReadEntry } from 'tar';
import { defaultArchiveLimits, type ArchiveLimits } from './archive-limits.ts';
import { printable } from '@sluice/contracts';
import { ArchiveRefused } from './archive-refused.ts';
import { ArchiveWatch } from './archive-watch.ts';
import { readBzip2 } from './read-bzip2.ts';
import { readGzip } from './read-gzip.ts';
import { StrictTar, type TarMember } from './strict-tar.ts';
import { isTarHeader } from './tar-header.ts';

export interface ArchiveFile {
  /** As the package manager writes it, relative to the package's folder. */
  path: string;
  sizeBytes: number;
  mode: number;
}

/** Takes the bytes of one file, in order. */
export interface FileSink {
  /** @param chunk not written to later on, so that it may be kept. */
  write(chunk: Buffer): void;
  end(): void;
}

/** Something about the archive as such that does not stop the scan but is worth a finding. */
export interface ArchiveNote {
  kind:
    | 'link'
    | 'duplicate-path'
    | 'repeated-path'
    | 'path-collision'
    | 'trailing-data'
    | 'setuid'
    | 'large-file'
    | 'invisible-path'
    | 'path-encoding'
    | 'windows-path'
    | 'outside-folder'
    | 'unknown-record'
    | 'digest-mismatch'
    | 'unlisted-file'
    | 'missing-file';
  path: string | null;
  detail: string;
}

export interface ArchiveSummary {
  entryCount: number;
  unpackedSizeBytes: number;
  notes: ArchiveNote[];
  /** `h1` hashes over its files, in hex, for ecosystems whose lockfiles pin them. */
  contentHashes?: string[];
}

/** The path that the package manager writes an entry to; null for an entry that it does not extract. */
export type PlacedPath = (path: string) => string | null;

export interface TarballOptions {
  placedPath: PlacedPath;
  limits?: ArchiveLimits;
  /** Whether the package manager unpacks bzip2 as well. */
  bzip2?: boolean;
}

/**
 * Reads a tarball (gzipped or plain tar, or bzip2 where that is asked for) as a stream. Memory does not grow with the archive; nothing is written
 * anywhere.
 * @param visit called for each regular file before its bytes; returns where they go, or null to skip them.
 * @throws ArchiveRefused when the archive as a whole cannot be trusted or is beyond the limits.
 * @throws the errors of the source.
 */
export async function readTarball(
  source: AsyncIterable<Uint8Array>,
  visit: (file: ArchiveFile) => FileSink | null,
  { placedPath, limits = defaultArchiveLimits, bzip2 = false }: TarballOptions,
): Promise<ArchiveSummary> {
  const chunks = source[Symbol.asyncIterator]();
  const head = await readHead(chunks);
  if (head.length === 0) throw new ArchiveRefused('archive.empty', 'The archive has no bytes.');
  const watch = new ArchiveWatch(limits, placedPath);
  const rest = rejoin(head, chunks, (bytes) => (watch.compressedBytes += bytes));
  if (head[0] === 0x1f && head[1] === 0x8b) await readGzip(rest, (tar) => readTar(tar, visit, watch));
  else if (bzip2 && head.toString('latin1', 0, 3) === 'BZh')
    await readTar(readBzip2(rest, limits), visit, watch);
  else if (isTarHeader(head)) await readTar(rest, visit, watch);
  else throw new ArchiveRefused('archive.not-an-archive', 'The bytes are neither gzip nor tar.');
  return watch.summary();
}

/** Reads one tar header's worth, to tell the kind of the bytes. */
async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < 512) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

/** The head and the remaining chunks as one sequence; each chunk's size is reported before the chunk is handed on. */
async function* rejoin(
  head: Buffer,
  chunks: AsyncIterator<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  count(head.length);
  yield head;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    count(next.value.length);
    yield Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
  }
}

async function readTar(
  source: AsyncIterable<Buffer>,
  visit: (file: ArchiveFile) => FileSink | null,
  watch: ArchiveWatch,
): Promise<void> {
  const strict = new StrictTar();
  const parser = new Parser({
    // Everything arrives unpacked; the parser must not unpack an archive that was packed twice.
    gzip: false,
    brotli: false,
    zstd: false,
    onReadEntry: (entry) => readEntry(entry, visit, watch, strict),
    onwarn: (code, text) => {
      // A warning at the end of an archive without entries; that has a reason of its own.
      if (!text.startsWith('Unrecognized')) throw parserRefusal(code, text);
    },
  });
  parser.on('ignoredEntry', (entry: ReadEntry) => watch.refuseIgnored(entry));
  const chunks = source[Symbol.asyncIterator]();
  const head = await readHead(chunks);
  if (!isTarHeader(head) && head.some((byte) => byte !== 0)) {
    throw new ArchiveRefused('archive.not-an-archive', 'The unpacked bytes are no tar archive.');
  }
  const held: Buffer[] = [];
  for await (const chunk of rejoin(head, chunks, (bytes) => watch.addUnpacked(bytes))) {
    const ready = strict.push(chunk);
    const whole = chunk.subarray(0, ready);
    if (ready > 0) parser.write(held.length > 0 ? Buffer.concat([...held.splice(0), whole]) : whole);
    if (ready < chunk.length) held.push(chunk.subarray(ready));
  }
  strict.end();
  parser.end();
  if (strict.pending > 0) throw watch.ambiguous();
  if (strict.trailingData) watch.note('trailing-data', null, 'Data follows the end of the archive.');
  for (const key of strict.unknownKeys) watch.note('unknown-record', null, `Record ${printable(key, 80)}.`);
  watch.end();
}

function readEntry(
  entry: ReadEntry,
  visit: (file: ArchiveFile) => FileSink | null,
  watch: ArchiveWatch,
  strict: StrictTar,
): void {
  const member = strict.nextMember();
  if (!member || !isSame(member, entry)) throw watch.ambiguous();
  const file = watch.check(member, entry.mode ?? 0);
  if (!file) {
    entry.resume();
    return;
  }
  const sink = visit(file);
  const hash = createHash('sha256');
  entry.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    sink?.write(chunk);
  });
  entry.on('end', () => {
    watch.finish(file.path, hash.digest('base64'));
    sink?.end();
  });
}

const typeNames: Record<TarMember['type'], ReadEntry['type']> = {
  file: 'File',
  folder: 'Directory',
  'symbolic link': 'SymbolicLink',
  'hard link': 'Link',
};

function isSame(member: TarMember, entry: ReadEntry): boolean {
  return (
    member.path === entry.path &&
    member.sizeBytes === entry.size &&
    member.linkpath === (entry.linkpath ?? '') &&
    typeNames[member.type] === entry.type
  );
}

function parserRefusal(code: string, message: string): ArchiveRefused {
  const truncated = code === 'TAR_BAD_ARCHIVE' && message.startsWith('Truncated');
  return new ArchiveRefused(truncated ? 'archive.truncated' : 'archive.damaged', message);
}
