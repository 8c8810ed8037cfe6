import path from 'node:path/posix';
import type { ReadEntry } from 'tar';
import { printable } from '../inspect/printable.ts';
import type { ArchiveLimits } from './archive-limits.ts';
import { ArchiveRefused } from './archive-refused.ts';
import { checkEntryPath, checkLinkTarget, collisionKey, installedPath } from './entry-path.ts';
import type { ArchiveFile, ArchiveNote, ArchiveSummary } from './read-tarball.ts';

/** More of one kind say nothing new, and a hostile archive could otherwise fill the memory with them. */
const notesMax = 200;

/** Holds one archive against the limits while it is read, and remembers what is odd about it. */
export class ArchiveWatch {
  compressedBytes = 0;
  readonly #limits: ArchiveLimits;
  readonly #notes: ArchiveNote[] = [];
  /** By collision key, the path that came first. */
  readonly #paths = new Map<string, string>();
  /** Digest of what each path had, when it came last. */
  readonly #contents = new Map<string, string>();
  #unpackedBytes = 0;
  #entryCount = 0;
  #sizeBytes = 0;

  constructor(limits: ArchiveLimits) {
    this.#limits = limits;
  }

  addUnpacked(bytes: number): void {
    this.#unpackedBytes += bytes;
    const { unpackedSizeMaxBytes, ratioMax, ratioFloorBytes } = this.#limits;
    if (this.#unpackedBytes > unpackedSizeMaxBytes) {
      throw new ArchiveRefused('archive.too-large', `It unpacks to more than ${unpackedSizeMaxBytes} bytes.`);
    }
    if (this.#unpackedBytes > ratioFloorBytes && this.#unpackedBytes > ratioMax * this.compressedBytes) {
      throw new ArchiveRefused(
        'archive.ratio-exceeded',
        `It unpacks to more than ${ratioMax} times its size.`,
      );
    }
  }

  /**
   * Checks an entry's header.
   * @returns the file to read, or null for a folder, a link, or a file that npm does not extract.
   */
  check(entry: ReadEntry): ArchiveFile | null {
    this.#entryCount += 1;
    const { entryCountMax, fileSizeMaxBytes } = this.#limits;
    if (this.#entryCount > entryCountMax) {
      throw new ArchiveRefused('archive.too-many-files', `It has more than ${entryCountMax} entries.`);
    }
    const inArchive = checkEntryPath(entry.path, this.#limits);
    switch (entry.type) {
      case 'File':
      case 'OldFile':
      case 'ContiguousFile':
        break;
      case 'Directory':
        return null;
      case 'SymbolicLink':
      case 'Link':
        this.#checkLink(entry, inArchive);
        return null;
      case 'CharacterDevice':
      case 'BlockDevice':
      case 'FIFO':
        throw new ArchiveRefused('archive.special-file', `${printable(inArchive, 120)} is a ${entry.type}.`);
      default:
        throw this.#unsupported(entry);
    }
    if (entry.size > fileSizeMaxBytes) {
      const detail = `${printable(inArchive, 120)} states ${entry.size} bytes.`;
      throw new ArchiveRefused('archive.file-too-large', detail);
    }
    this.#sizeBytes += entry.size;
    return this.#register(inArchive, entry);
  }

  /** Entries that the parser would pass over in silence: sparse files, further volumes, headers beyond its limit. */
  refuseIgnored(entry: ReadEntry): never {
    if (entry.meta) {
      throw new ArchiveRefused('archive.oversized-header', 'An extension header is larger than 1 MB.');
    }
    throw this.#unsupported(entry);
  }

  ambiguous(): ArchiveRefused {
    return new ArchiveRefused(
      'archive.ambiguous',
      'Its headers contradict each other about where entries end.',
    );
  }

  note(kind: ArchiveNote['kind'], file: string | null, detail: string): void {
    if (this.#notes.length < notesMax) this.#notes.push({ kind, path: file, detail });
  }

  /** @throws ArchiveRefused `archive.empty` when nothing was in it. */
  end(): void {
    if (this.#entryCount === 0) throw new ArchiveRefused('archive.empty', 'The archive has no entries.');
  }

  summary(): ArchiveSummary {
    return { entryCount: this.#entryCount, unpackedSizeBytes: this.#sizeBytes, notes: this.#notes };
  }

  /** @param digest of a file's content, once it was read: a path that comes again with other content is two files. */
  finish(file: string, digest: string): void {
    const earlier = this.#contents.get(file);
    this.#contents.set(file, digest);
    if (earlier === undefined) return;
    if (earlier === digest) this.note('repeated-path', file, 'The archive has this file more than once.');
    else this.note('duplicate-path', file, 'The archive has two different files of this path.');
  }

  #register(inArchive: string, entry: ReadEntry): ArchiveFile | null {
    const installed = installedPath(inArchive);
    if (installed === null) return null;
    const key = collisionKey(installed);
    const earlier = this.#paths.get(key);
    if (earlier === undefined) this.#paths.set(key, installed);
    else if (earlier !== installed)
      this.note('path-collision', installed, `Collides with ${printable(earlier, 100)}.`);
    const mode = entry.mode ?? 0;
    if (mode & 0o6000) this.note('setuid', installed, `Mode ${mode.toString(8)}.`);
    if (/[\p{Cc}\p{Cf}]/u.test(installed))
      this.note('invisible-path', installed, 'Invisible characters in a path.');
    return { path: installed, sizeBytes: entry.size, mode };
  }

  #checkLink(entry: ReadEntry, inArchive: string): void {
    const target = entry.linkpath ?? '';
    const folder = path.dirname(inArchive);
    checkLinkTarget(inArchive, target, entry.type === 'Link' || folder === '.' ? '' : folder);
    this.note('link', installedPath(inArchive) ?? inArchive, `${entry.type} to ${printable(target, 100)}.`);
  }

  #unsupported(entry: ReadEntry): ArchiveRefused {
    const type = entry.type === 'Unsupported' ? `type ${entry.header.typeKey}` : entry.type;
    return new ArchiveRefused('archive.unsupported-entry', `${printable(entry.path, 120)} is a ${type}.`);
  }
}
