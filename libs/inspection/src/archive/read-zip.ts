import { createHash } from 'node:crypto';
import { crc32, createInflateRaw } from 'node:zlib';
import { finished } from 'node:stream/promises';
import { fromBufferPromise, type Entry } from 'yauzl';
import { defaultArchiveLimits, type ArchiveLimits } from './archive-limits.ts';
import { ArchiveRefused } from './archive-refused.ts';
import { ArchiveWatch } from './archive-watch.ts';
import type { ArchiveFile, ArchiveSummary, FileSink, PlacedPath } from './read-tarball.ts';
import type { TarMember } from './strict-tar.ts';
import { ambiguous } from './tar-header.ts';
import { checkMethod, checkZipLayout, rawName, shownName } from './zip-layout.ts';

/** A zip is read by the directory at its end, so that it is kept whole; a child may use three times as much. */
const zipMaxBytes = 256 * 1024 * 1024;
/** Large chunks: the work per chunk outweighs the copying. */
const chunkBytes = 256 * 1024;
const utf8Names = 0x0800;
const typeMask = 0o170000;

/** Takes the bytes of one file. Its end is waited for before the next file is unpacked. */
export interface ZipSink extends Omit<FileSink, 'end'> {
  end(): void | Promise<void>;
}

/** The files of a zip by their paths in it, before any is unpacked. */
export type ZipPaths = readonly string[];

export interface ZipOptions {
  /** Decides where the files of this archive are placed. */
  placedPathOf: (paths: ZipPaths) => PlacedPath;
  limits?: ArchiveLimits;
}

/**
 * Reads a zip. It is taken only when every program reads the same files in it; see `checkZipLayout`. Nothing is written anywhere.
 * @param visit called for each file before its bytes, in the order of the directory; returns where they go, or null to skip them.
 * @throws ArchiveRefused when the archive as a whole cannot be trusted or is beyond the limits; errors of the source and of sinks.
 */
export async function readZip(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  visit: (file: ArchiveFile) => ZipSink | null,
  { placedPathOf, limits = defaultArchiveLimits }: ZipOptions,
): Promise<ArchiveSummary> {
  const zip = await readWhole(source);
  const entries = await readDirectory(zip, limits);
  checkZipLayout(zip, entries);
  const names = entries.map(nameOf);
  if (new Set(names).size < names.length) throw ambiguous('Two entries have one name.');
  const watch = new ArchiveWatch(limits, placedPathOf(names));
  watch.compressedBytes = zip.length;
  for (const [at, entry] of entries.entries()) await readEntry(zip, entry, names[at]!, visit, watch);
  watch.end();
  return watch.summary();
}

async function readWhole(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    if (sizeBytes > zipMaxBytes)
      throw new ArchiveRefused('archive.too-large', `A zip may have ${zipMaxBytes} bytes.`);
    chunks.push(chunk);
  }
  const zip = Buffer.concat(chunks);
  if (zip.length === 0) throw new ArchiveRefused('archive.empty', 'The archive has no bytes.');
  if (zip.toString('latin1', 0, 2) !== 'PK')
    throw new ArchiveRefused('archive.not-an-archive', 'The bytes are no zip.');
  return zip;
}

async function readDirectory(zip: Buffer, { entryCountMax }: ArchiveLimits): Promise<Entry[]> {
  try {
    // Names are decoded here: yauzl turns backslashes into slashes.
    const directory = await fromBufferPromise(zip, {
      decodeStrings: false,
      lazyEntries: true,
      autoClose: false,
    });
    if (directory.entryCount > entryCountMax)
      throw new ArchiveRefused('archive.too-many-files', `It has more than ${entryCountMax} entries.`);
    const entries: Entry[] = [];
    for await (const entry of directory.eachEntry()) entries.push(entry);
    return entries;
  } catch (cause) {
    if (cause instanceof ArchiveRefused) throw cause;
    throw new ArchiveRefused('archive.damaged', `Its directory cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** As UTF-8 in any case: ASCII is the same in all encodings, and other bytes without the flag are noted. */
function nameOf(entry: Entry): string {
  return rawName(entry).toString('utf8');
}

async function readEntry(
  zip: Buffer,
  entry: Entry,
  path: string,
  visit: (file: ArchiveFile) => ZipSink | null,
  watch: ArchiveWatch,
): Promise<void> {
  checkMethod(entry);
  const mode = entry.externalFileAttributes >>> 16;
  const file = watch.check(memberOf(entry, path, mode), mode & 0o7777);
  if (!(entry.generalPurposeBitFlag & utf8Names) && rawName(entry).some((byte) => byte >= 0x80))
    watch.note('path-encoding', path, 'A name that is not marked as UTF-8: programs decode it differently.');
  if (!file) {
    // Unpacked all the same: the sizes of skipped files count, and have to be true.
    await unpack(zip, entry, watch, () => {});
    return;
  }
  const sink = visit(file);
  const hash = createHash('sha256');
  await unpack(zip, entry, watch, (chunk) => {
    hash.update(chunk);
    sink?.write(chunk);
  });
  watch.finish(file.path, hash.digest('base64'));
  await sink?.end();
}

/** A zip has types of Unix only where a program of Unix wrote it. A link is placed as a file by some and as a link by others. */
function memberOf(entry: Entry, path: string, mode: number): TarMember {
  const type = mode & typeMask;
  const isFolder = path.endsWith('/');
  if (![0, 0o100000, 0o040000].includes(type) || (type === 0o040000 && !isFolder))
    throw new ArchiveRefused('archive.special-file', `${shownName(entry)} is a link, a device or a FIFO.`);
  if (isFolder && entry.uncompressedSize > 0)
    throw ambiguous(`${shownName(entry)} is a folder that has bytes.`);
  return { type: isFolder ? 'folder' : 'file', path, linkpath: '', sizeBytes: entry.uncompressedSize };
}

async function unpack(
  zip: Buffer,
  entry: Entry,
  watch: ArchiveWatch,
  write: (chunk: Buffer) => void,
): Promise<void> {
  const header = entry.relativeOffsetOfLocalHeader;
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const data = zip.subarray(start, start + entry.compressedSize);
  let sizeBytes = 0;
  let checksum = 0;
  const take = (chunk: Buffer) => {
    sizeBytes += chunk.length;
    watch.addUnpacked(chunk.length);
    if (sizeBytes > entry.uncompressedSize)
      throw ambiguous(`${shownName(entry)} unpacks to more than it states.`);
    checksum = crc32(chunk, checksum);
    write(chunk);
  };
  if (entry.compressionMethod === 0) {
    for (let at = 0; at < data.length; at += chunkBytes) take(data.subarray(at, at + chunkBytes));
  } else await inflate(data, take, entry);
  if (sizeBytes !== entry.uncompressedSize || checksum !== entry.crc32)
    throw new ArchiveRefused(
      'archive.damaged',
      `${shownName(entry)} does not have the size and checksum that it states.`,
    );
}

async function inflate(data: Buffer, take: (chunk: Buffer) => void, entry: Entry): Promise<void> {
  const unzip = createInflateRaw({ chunkSize: chunkBytes });
  try {
    unzip.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        unzip.destroy(error as Error);
      }
    });
    unzip.end(data);
    await finished(unzip);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (!code?.startsWith('Z_')) throw cause;
    const detail = `The data of ${shownName(entry)} are damaged.`;
    throw new ArchiveRefused('archive.damaged', detail, { cause });
  }
  if (unzip.bytesWritten !== data.length) throw ambiguous(`Data of ${shownName(entry)} follow its end.`);
}
