import { printable } from '@sluice/contracts';
import { ArchiveRefused } from './archive-refused.ts';
import { readPaxRecords, type PaxRecords } from './pax-records.ts';
import { ambiguous, blockBytes, isZeroBlock, readTarHeader, type TarHeader } from './tar-header.ts';

/** One thing that an archive places. */
export interface TarMember {
  type: 'file' | 'folder' | 'symbolic link' | 'hard link';
  path: string;
  linkpath: string;
  sizeBytes: number;
}

/** Statements of extension headers about the entry that follows them. */
interface Extensions extends Omit<PaxRecords, 'unknownKeys'> {
  kind: 'none' | 'pax' | 'gnu';
}

const noExtensions: Extensions = { kind: 'none', path: null, linkpath: null, sizeBytes: null };
/** Paths end at 4 kB; attributes of files may be larger. node-tar has the same limit. */
const extensionMaxBytes = 1024 * 1024;

/**
 * Walks a tar stream on its own and accepts only archives that every common program reads alike. The caller compares its
 * members with those of node-tar: something may hide in a difference.
 */
export class StrictTar {
  /** Members that the caller did not take yet, oldest first. */
  readonly #members: TarMember[] = [];
  readonly #unknownKeys = new Set<string>();
  readonly #block = Buffer.alloc(blockBytes);
  #filled = 0;
  #skip = 0;
  #zeroBlocks = 0;
  #extensions = noExtensions;
  /** The extension header that is being read: its type, its bytes so far, and its size with and without padding. */
  #body: { type: string; chunks: Buffer[]; missing: number; sizeBytes: number } | null = null;
  /** True when something other than padding follows the end of the archive. */
  trailingData = false;

  /**
   * @returns how many of the chunk's bytes come before an extension header that the chunk does not complete.
   * node-tar decodes such a header piece by piece, and would break a character that two chunks share.
   * @throws ArchiveRefused for bytes that programs could read differently.
   */
  push(chunk: Buffer): number {
    let at = 0;
    let bodyStart = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
      } else if (this.#body) {
        at += this.#fillBody(chunk.subarray(at));
      } else if (this.#zeroBlocks >= 2) {
        this.trailingData ||= !isZeroBlock(chunk.subarray(at));
        return chunk.length;
      } else {
        const copied = chunk.copy(this.#block, this.#filled, at, at + blockBytes - this.#filled);
        this.#filled += copied;
        at += copied;
        if (this.#filled === blockBytes) {
          this.#filled = 0;
          bodyStart = at;
          this.#readBlock(this.#block);
        }
      }
    }
    return this.#body ? bodyStart : chunk.length;
  }

  /** @throws ArchiveRefused when the stream ended within an extension or a header. */
  end(): void {
    const isCut = this.#filled > 0 && !isZeroBlock(this.#block.subarray(0, this.#filled));
    if (this.#body || isCut) throw new ArchiveRefused('archive.truncated', 'It ends within a header.');
    if (this.#extensions.kind !== 'none')
      throw ambiguous('It ends with a header for an entry that is not there.');
  }

  /** The next member that node-tar has to see, or undefined when there is none. */
  nextMember(): TarMember | undefined {
    return this.#members.shift();
  }

  /** Members that were seen here and not taken: node-tar did not see them. */
  get pending(): number {
    return this.#members.length;
  }

  get unknownKeys(): string[] {
    return [...this.#unknownKeys];
  }

  #readBlock(block: Buffer): void {
    if (isZeroBlock(block)) {
      this.#zeroBlocks += 1;
      return;
    }
    if (this.#zeroBlocks > 0)
      throw ambiguous('An entry follows an empty block, at which some programs stop.');
    const header = readTarHeader(block);
    if ('xgLK'.includes(header.type)) this.#startBody(header);
    else this.#addMember(header);
  }

  #startBody({ type, sizeBytes, linkpath }: TarHeader): void {
    if (sizeBytes > extensionMaxBytes) {
      throw new ArchiveRefused('archive.oversized-header', 'An extension header is larger than 1 MB.');
    }
    if (sizeBytes === 0 || linkpath !== '') throw ambiguous('An extension header is empty, or a link.');
    const { kind, path, linkpath: link } = this.#extensions;
    const isSecond = type === 'L' ? path !== null : type === 'K' ? link !== null : kind !== 'none';
    if (isSecond || kind === 'pax') throw ambiguous('Several extension headers are about one entry.');
    this.#body = { type, chunks: [], sizeBytes, missing: padded(sizeBytes) };
  }

  #fillBody(chunk: Buffer): number {
    const body = this.#body!;
    const part = chunk.subarray(0, body.missing);
    body.chunks.push(Buffer.from(part));
    body.missing -= part.length;
    if (body.missing === 0) {
      this.#body = null;
      this.#readExtension(body.type, Buffer.concat(body.chunks).subarray(0, body.sizeBytes));
    }
    return part.length;
  }

  #readExtension(type: string, body: Buffer): void {
    if (type === 'L') this.#extensions = { ...this.#extensions, kind: 'gnu', path: longName(body) };
    else if (type === 'K') this.#extensions = { ...this.#extensions, kind: 'gnu', linkpath: longName(body) };
    else {
      const { unknownKeys, ...records } = readPaxRecords(body);
      for (const key of unknownKeys) this.#unknownKeys.add(key);
      if (type === 'x') this.#extensions = { kind: 'pax', ...records };
      else if (Object.values(records).some((value) => value !== null)) {
        const detail = 'A global header renames or resizes entries, which only some programs obey.';
        throw new ArchiveRefused('archive.unsupported-extension', detail);
      }
    }
  }

  #addMember(header: TarHeader): void {
    const extensions = this.#extensions;
    this.#extensions = noExtensions;
    const path = extensions.path ?? header.path;
    const linkpath = extensions.linkpath ?? header.linkpath;
    const type = typeOf(header, path, extensions.path !== null);
    const isLink = type.endsWith('link');
    const shown = printable(path, 120);
    if (extensions.sizeBytes !== null && extensions.sizeBytes !== header.sizeBytes) {
      throw ambiguous(`Two sizes are stated for ${shown}.`);
    }
    if (type !== 'file' && header.sizeBytes > 0) throw ambiguous(`${shown} is a ${type} that has bytes.`);
    if (isLink !== (linkpath !== ''))
      throw ambiguous(`${shown} is a ${type}, and its target says otherwise.`);
    this.#skip = padded(header.sizeBytes);
    this.#members.push({ type, path, linkpath, sizeBytes: header.sizeBytes });
  }
}

function padded(sizeBytes: number): number {
  return Math.ceil(sizeBytes / blockBytes) * blockBytes;
}

/** A name of GNU's form, which ends at NUL. */
function longName(body: Buffer): string {
  const end = body.indexOf(0);
  const name = end < 0 ? body : body.subarray(0, end);
  if (name.length === 0 || (end >= 0 && !isZeroBlock(body.subarray(end)))) {
    throw ambiguous('A long name is empty, or goes on after NUL.');
  }
  return name.toString('utf8');
}

function typeOf(header: TarHeader, path: string, isRenamed: boolean): TarMember['type'] {
  switch (header.type) {
    case '0':
      if (path.endsWith('/')) throw folderOrFile(path);
      return 'file';
    case '\0':
      // The seventh edition had no type for folders. Python decides by the name in the header itself.
      if (!path.endsWith('/') && !header.path.endsWith('/')) return 'file';
      if (isRenamed || header.sizeBytes > 0) throw folderOrFile(path);
      return 'folder';
    case '5':
      return 'folder';
    case '2':
      return 'symbolic link';
    case '1':
      return 'hard link';
    case '3':
    case '4':
    case '6':
      throw new ArchiveRefused('archive.special-file', `${printable(path, 120)} is a device or a FIFO.`);
    default: {
      const detail = `${printable(path, 120)} is of type ${printable(header.type, 10)}.`;
      throw new ArchiveRefused('archive.unsupported-entry', detail);
    }
  }
}

function folderOrFile(path: string): ArchiveRefused {
  return ambiguous(`${printable(path, 120)} is a folder by its name and a file by its type.`);
}
