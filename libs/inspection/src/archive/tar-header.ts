import { printable } from '@sluice/contracts';
import { ArchiveRefused } from './archive-refused.ts';

export const blockBytes = 512;

/** One header block as it stands, before extension headers change anything. */
export interface TarHeader {
  /** Prefix included. */
  path: string;
  linkpath: string;
  /** Type flag, one character. */
  type: string;
  sizeBytes: number;
}

/** Numbers that decide neither name nor bytes. An unreadable one still ends the archive early for some programs. */
const otherNumbers = [
  [100, 108],
  [108, 116],
  [116, 124],
  [136, 148],
  [329, 337],
  [337, 345],
] as const;

/**
 * Reads a header block of which node-tar, GNU tar, libarchive and Python's tarfile understand the same. The formats
 * are POSIX ustar, GNU, and the seventh edition's; packages of fifteen years keep to this subset.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
 * @throws ArchiveRefused for anything else: programs read it differently, or not at all.
 */
export function readTarHeader(block: Buffer): TarHeader {
  checkSum(block);
  for (const [from, to] of otherNumbers) checkNumber(block, from, to);
  const name = readText(block, 0, 100, 'name');
  if (name === '') throw ambiguous('An entry has no name.');
  const prefix = readPrefix(block);
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    linkpath: readText(block, 157, 257, 'link'),
    type: block.toString('latin1', 156, 157),
    sizeBytes: readSize(block),
  };
}

export function isZeroBlock(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** Checks the sum that each header carries. Tells a tar stream from anything else. */
export function isTarHeader(block: Buffer): boolean {
  return (
    block.length >= blockBytes && Number.parseInt(block.toString('latin1', 148, 156), 8) === sumOf(block)
  );
}

export function ambiguous(detail: string): ArchiveRefused {
  return new ArchiveRefused('archive.ambiguous', detail);
}

function checkSum(block: Buffer): void {
  const field = block.toString('latin1', 148, 156);
  // Old programs summed signed bytes. A name outside of ASCII then has another sum, which only some accept.
  if (!/^[0-7]+[ \0]+$/.test(field) || Number.parseInt(field, 8) !== sumOf(block)) {
    throw new ArchiveRefused('archive.damaged', 'A header does not have the sum that it states.');
  }
}

/** The bytes of the sum itself count as spaces. */
function sumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < blockBytes; i += 1) if (i < 148 || i >= 156) sum += block[i]!;
  return sum;
}

function checkNumber(block: Buffer, from: number, to: number): void {
  const first = block[from]!;
  if (first === 0x80 || first === 0xff) return;
  if (!/^ *[0-7]*[ \0]*$/.test(block.toString('latin1', from, to))) {
    throw ambiguous('A header has a number that not every program can read.');
  }
}

/** Text up to the first NUL. Bytes after it are invisible to some programs and part of the text for others. */
function readText(block: Buffer, from: number, to: number, field: string): string {
  const bytes = block.subarray(from, to);
  const end = bytes.indexOf(0);
  if (end < 0) return bytes.toString('utf8');
  if (!isZeroBlock(bytes.subarray(end))) {
    throw ambiguous(`A ${field} goes on after NUL: ${printable(bytes.toString('utf8', 0, end), 100)}`);
  }
  return bytes.toString('utf8', 0, end);
}

/** Only POSIX headers have a prefix; some programs look for one in any header. */
function readPrefix(block: Buffer): string {
  const magic = block.toString('latin1', 257, 265);
  if (magic === 'ustar\u000000' && isZeroBlock(block.subarray(500))) {
    // Two times may follow a prefix of at most 130 bytes, as node-tar and star write them.
    const hasTimes = block[475] === 0 && /^[0-7 \0]*$/.test(block.toString('latin1', 476, 500));
    return readText(block, 345, hasTimes ? 476 : 500, 'prefix');
  }
  const known = magic === 'ustar  \0' || magic === '\0'.repeat(8);
  if (known && isZeroBlock(block.subarray(345))) return '';
  throw ambiguous('An entry has a header of an unknown format.');
}

function readSize(block: Buffer): number {
  const field = block.toString('latin1', 124, 136);
  const size =
    block[124] === 0x80
      ? readBinary(block.subarray(125, 136))
      : /^[0-7]+[ \0]*$/.test(field)
        ? Number.parseInt(field, 8)
        : Number.NaN;
  if (!Number.isSafeInteger(size)) {
    throw new ArchiveRefused('archive.invalid-size', 'An entry states a size that is no size.');
  }
  return size;
}

/** GNU's form for large numbers: 0x80, then a big-endian number. */
function readBinary(bytes: Buffer): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
