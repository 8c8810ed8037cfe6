import path from 'node:path/posix';
import type { ReadEntry } from 'tar';
import { printable } from '@sluice/contracts';
import type { ArchiveLimits } from './archive-limits.ts';
import { ArchiveRefused } from './archive-refused.ts';
import { checkEntryPath, checkLinkTarget, collisionKey } from './entry-path.ts';
import { pathOddities } from './path-oddities.ts';
import type { ArchiveFile, ArchiveNote, ArchiveSummary, PlacedPath } from './read-tarball.ts';
import { ambiguous } from './tar-header.ts';
import type { TarMember } from './strict-tar.ts';

/** More of one kind say nothing new. The limit is of each kind, so that many of one cannot crowd out another. */
const notesPerKindMax = 100;

/** Holds one archive against the limits while it is read, and remembers its oddities. */
export class ArchiveWatch {
  compressedBytes = 0;
  readonly #limits: ArchiveLimits;
  readonly #placedPath: PlacedPath;
  readonly #notes = new Map<ArchiveNote['kind'], ArchiveNote[]>();
  /** By collision key, the path that came first. */
  readonly #paths = new Map<string, string>();
  /** Digest of each path's latest content. */
  readonly #contents = new Map<string, string>();
  readonly #files = new Set<string>();
  /** Sizes of files above the limit, which are named with their digests. */
  readonly #largeFiles = new Map<string, number>();
  /** By collision key, the path of a link. */
  readonly #links = new Map<string, string>();
  /** Folders that have an entry, and those that the paths of files imply. */
  readonly #folders = new Set<string>();
  #unpackedBytes = 0;
  #entryCount = 0;
  #sizeBytes = 0;

  constructor(limits: ArchiveLimits, placedPath: PlacedPath) {
    this.#limits = limits;
    this.#placedPath = placedPath;
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
   * Checks a member of the archive.
   * @returns the file to read, or null for a folder, a link, or a file that the package manager does not extract.
   */
  check(member: TarMember, mode: number): ArchiveFile | null {
    this.#entryCount += 1;
    const { entryCountMax, unpackedSizeMaxBytes } = this.#limits;
    if (this.#entryCount > entryCountMax) {
      throw new ArchiveRefused('archive.too-many-files', `It has more than ${entryCountMax} entries.`);
    }
    const inArchive = checkEntryPath(member.path, this.#limits);
    const installed = this.#placedPath(inArchive);
    for (const { kind, detail } of pathOddities(installed ?? inArchive)) {
      this.note(kind, installed ?? inArchive, detail);
    }
    if (member.type === 'folder') {
      if (installed !== null) this.#addFolders(`${installed}/`);
      return null;
    }
    if (member.type !== 'file') {
      this.#checkLink(member, inArchive, installed ?? inArchive);
      return null;
    }
    if (member.sizeBytes > unpackedSizeMaxBytes) {
      const detail = `${printable(inArchive, 120)} states ${member.sizeBytes} bytes.`;
      throw new ArchiveRefused('archive.file-too-large', detail);
    }
    this.#sizeBytes += member.sizeBytes;
    if (installed === null) {
      this.note('outside-folder', inArchive, 'The package manager does not extract it, other programs do.');
      return null;
    }
    return this.#register(installed, member.sizeBytes, mode);
  }

  /** Entries that the parser would pass over in silence: sparse files, further volumes, headers beyond its limit. */
  refuseIgnored(entry: ReadEntry): never {
    if (entry.meta) {
      throw new ArchiveRefused('archive.oversized-header', 'An extension header is larger than 1 MB.');
    }
    throw new ArchiveRefused(
      'archive.unsupported-entry',
      `${printable(entry.path, 120)} is not read by package managers.`,
    );
  }

  ambiguous(): ArchiveRefused {
    return ambiguous('A reader takes its headers for other entries than they say.');
  }

  note(kind: ArchiveNote['kind'], file: string | null, detail: string): void {
    const ofKind = this.#notes.get(kind) ?? [];
    this.#notes.set(kind, ofKind);
    if (ofKind.length < notesPerKindMax) ofKind.push({ kind, path: file, detail });
  }

  /**
   * @throws ArchiveRefused `archive.empty` when nothing was in it, `archive.ambiguous` when one path is two things:
   * programs differ in which of a file, a folder and a link they keep, and where they place files below it.
   */
  end(): void {
    if (this.#entryCount === 0) throw new ArchiveRefused('archive.empty', 'The archive has no entries.');
    for (const file of this.#files) {
      if (this.#folders.has(file)) throw ambiguous(`${printable(file, 120)} is both a file and a folder.`);
    }
    if (this.#links.size === 0) return;
    for (const [key, file] of this.#paths) {
      if ([key, ...foldersOf(key)].some((part) => this.#links.has(part))) {
        throw ambiguous(`The path of ${printable(file, 120)} leads over a link.`);
      }
    }
    for (const link of this.#links.values()) {
      if (this.#folders.has(link)) throw ambiguous(`${printable(link, 120)} is both a link and a folder.`);
    }
  }

  summary(): ArchiveSummary {
    return {
      entryCount: this.#entryCount,
      unpackedSizeBytes: this.#sizeBytes,
      notes: [...this.#notes.values()].flat(),
    };
  }

  /** @param digest of a file's content, once it was read: a path that comes again with other content is two files. */
  finish(file: string, digest: string): void {
    const earlier = this.#contents.get(file);
    this.#contents.set(file, digest);
    const sizeBytes = this.#largeFiles.get(file);
    if (sizeBytes !== undefined)
      this.note('large-file', file, `${sizeBytes} bytes, SHA-256 ${digest} in base64.`);
    if (earlier === undefined) return;
    if (earlier === digest) this.note('repeated-path', file, 'The archive has this file more than once.');
    else this.note('duplicate-path', file, 'The archive has two different files of this path.');
  }

  #register(installed: string, sizeBytes: number, mode: number): ArchiveFile {
    const key = collisionKey(installed);
    const earlier = this.#paths.get(key);
    if (earlier === undefined) this.#paths.set(key, installed);
    else if (earlier !== installed)
      this.note('path-collision', installed, `Collides with ${printable(earlier, 100)}.`);
    this.#files.add(installed);
    if (sizeBytes > this.#limits.largeFileBytes) this.#largeFiles.set(installed, sizeBytes);
    this.#addFolders(installed);
    if (mode & 0o6000) this.note('setuid', installed, `Mode ${mode.toString(8)}.`);
    return { path: installed, sizeBytes, mode };
  }

  #addFolders(installed: string): void {
    for (const folder of foldersOf(installed)) {
      // The folders around a known one are known, too.
      if (this.#folders.has(folder)) return;
      this.#folders.add(folder);
    }
  }

  #checkLink({ type, linkpath }: TarMember, inArchive: string, shown: string): void {
    const folder = path.dirname(inArchive);
    checkLinkTarget(inArchive, linkpath, type === 'hard link' || folder === '.' ? '' : folder);
    this.#links.set(collisionKey(shown), shown);
    this.note('link', shown, `${type} to ${printable(linkpath, 100)}.`);
  }
}

/** The folders around a path, innermost first. */
function* foldersOf(file: string): Generator<string> {
  for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1))
    yield file.slice(0, end);
}
