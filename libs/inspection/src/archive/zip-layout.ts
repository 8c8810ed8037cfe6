import type { Entry } from 'yauzl';
import { printable } from '@sluice/contracts';
import { ArchiveRefused } from './archive-refused.ts';
import { ambiguous } from './tar-header.ts';

/** Signatures and sizes of the records. Source: PKWARE APPNOTE 6.3, sections 4.3.7 to 4.3.16. */
const localSignature = 0x04034b50;
const localBytes = 30;
const directoryEntryBytes = 46;
const endBytes = 22;
const end64Bytes = 56;
const locator64Bytes = 20;
const endSignature = Buffer.from('PK\x05\x06');
const locatorSignature = 'PK\x06\x07';
const end64Signature = 'PK\x06\x06';
const descriptorSignature = 0x08074b50;

/** The sizes follow the data. */
const sizesFollow = 0x0008;
const isInFull = 0xffffffff;
/** Extra fields that state another name, or other sizes. */
const unicodePath = 0x7075;
const sizes64 = 0x0001;

/**
 * Checks that a zip has nothing but its entries, in one order, each with the same statements in front of its data as in the
 * directory: programs that read it from the front, from the end or by the directory all see the same files.
 * @param entries of the directory, with undecoded names.
 * @throws ArchiveRefused `archive.ambiguous`.
 */
export function checkZipLayout(zip: Buffer, entries: readonly Entry[]): void {
  const directoryStart = checkDirectory(zip, entries);
  let expected = 0;
  const sorted = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  for (const [at, entry] of sorted.entries()) {
    if (entry.relativeOffsetOfLocalHeader !== expected)
      throw ambiguous('Bytes before an entry belong to none, or two entries overlap.');
    const end = sorted[at + 1]?.relativeOffsetOfLocalHeader ?? directoryStart;
    checkLocal(zip, entry, end);
    expected = end;
  }
  if (expected !== directoryStart) throw ambiguous('Bytes before the directory belong to no entry.');
}

/** @returns where the directory begins. */
function checkDirectory(zip: Buffer, entries: readonly Entry[]): number {
  const end = zip.lastIndexOf(endSignature);
  if (end < 0) throw ambiguous('It has no end record.');
  const hasLocator = end >= locator64Bytes && signatureAt(zip, end - locator64Bytes, locatorSignature);
  const directoryEnd = hasLocator ? end - locator64Bytes - end64Bytes : end;
  const lengths = entries.map(
    (entry) => directoryEntryBytes + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength,
  );
  const directoryBytes = lengths.reduce((sum, length) => sum + length, 0);
  const start = directoryEnd - directoryBytes;
  const stated = {
    count: zip.readUInt16LE(end + 10),
    size: zip.readUInt32LE(end + 12),
    offset: zip.readUInt32LE(end + 16),
  };
  const isStated =
    start >= 0 &&
    isField(stated.count, entries.length, hasLocator ? 0xffff : null) &&
    isField(stated.size, directoryBytes, hasLocator ? isInFull : null) &&
    isField(stated.offset, start, hasLocator ? isInFull : null) &&
    zip.readUInt32LE(end + 4) === 0;
  const is64 = !hasLocator || isEnd64(zip, directoryEnd, { count: entries.length, directoryBytes, start });
  if (!isStated || !is64)
    throw ambiguous('Its end record is about another directory than the one in front of it.');
  if (zip.indexOf(endSignature, start) !== end || zip.length !== end + endBytes + zip.readUInt16LE(end + 20))
    throw ambiguous('It has two end records, or data behind the last one.');
  return start;
}

/** @param full the value that says that the record of 64 bits has it; null for none. */
function isField(stated: number, value: number, full: number | null): boolean {
  return stated === value || stated === full;
}

function isEnd64(
  zip: Buffer,
  at: number,
  { count, directoryBytes, start }: { count: number; directoryBytes: number; start: number },
): boolean {
  return (
    at >= 0 &&
    signatureAt(zip, at, end64Signature) &&
    zip.readBigUInt64LE(at + 4) === BigInt(end64Bytes - 12) &&
    zip.readBigUInt64LE(at + 32) === BigInt(count) &&
    zip.readBigUInt64LE(at + 40) === BigInt(directoryBytes) &&
    zip.readBigUInt64LE(at + 48) === BigInt(start) &&
    zip.readBigUInt64LE(at + end64Bytes + 8) === BigInt(at)
  );
}

function signatureAt(zip: Buffer, at: number, signature: string): boolean {
  return zip.toString('latin1', at, at + signature.length) === signature;
}

/** @param end where the next entry, or the directory, begins. */
function checkLocal(zip: Buffer, entry: Entry, end: number): void {
  const at = entry.relativeOffsetOfLocalHeader;
  const name = shownName(entry);
  if (at + localBytes > end || zip.readUInt32LE(at) !== localSignature)
    throw ambiguous(`The directory leads to no header of ${name}.`);
  const nameBytes = zip.readUInt16LE(at + 26);
  const extraBytes = zip.readUInt16LE(at + 28);
  const dataStart = at + localBytes + nameBytes + extraBytes;
  if (dataStart + entry.compressedSize > end)
    throw ambiguous(`The data of ${name} reach into the next entry.`);
  const extra = readExtra(zip.subarray(at + localBytes + nameBytes, dataStart));
  const isSame =
    rawName(entry).equals(zip.subarray(at + localBytes, at + localBytes + nameBytes)) &&
    zip.readUInt16LE(at + 6) === entry.generalPurposeBitFlag &&
    zip.readUInt16LE(at + 8) === entry.compressionMethod &&
    hasSameSizes(zip, at, entry, extra);
  if (!isSame) throw ambiguous(`The header of ${name} says something else than the directory.`);
  if (extra.has(unicodePath) || entry.extraFields.some(({ id }) => id === unicodePath))
    throw ambiguous(`${name} has a second name.`);
  const rest = zip.subarray(dataStart + entry.compressedSize, end);
  const isDescribed = (entry.generalPurposeBitFlag & sizesFollow) !== 0;
  if (isDescribed ? !isDescriptor(rest, entry) : rest.length > 0)
    throw ambiguous(`Bytes behind the data of ${name} belong to no entry.`);
}

/** By id; a damaged rest is left out. */
function readExtra(bytes: Buffer): Map<number, Buffer> {
  const fields = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUInt16LE(at + 2);
    fields.set(bytes.readUInt16LE(at), bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** Where the sizes follow the data, a header may leave them empty. */
function hasSameSizes(zip: Buffer, at: number, entry: Entry, extra: ReadonlyMap<number, Buffer>): boolean {
  const mayBeEmpty = (entry.generalPurposeBitFlag & sizesFollow) !== 0;
  const full = extra.get(sizes64);
  const [whole, compressed] =
    full && full.length >= 16 ? [full.readBigUInt64LE(0), full.readBigUInt64LE(8)] : [null, null];
  const fits = (stated: number, value: number, in64: bigint | null) =>
    stated === value ||
    (stated === 0 && mayBeEmpty) ||
    (stated === isInFull && in64 !== null && (in64 === BigInt(value) || (in64 === 0n && mayBeEmpty)));
  return (
    fits(zip.readUInt32LE(at + 14), entry.crc32, null) &&
    fits(zip.readUInt32LE(at + 18), entry.compressedSize, compressed) &&
    fits(zip.readUInt32LE(at + 22), entry.uncompressedSize, whole)
  );
}

/** Checksum and sizes, of 32 or 64 bits, with or without a signature. */
function isDescriptor(bytes: Buffer, { crc32, compressedSize, uncompressedSize }: Entry): boolean {
  if (![12, 16, 20, 24].includes(bytes.length)) return false;
  const isSigned = bytes.length === 16 || bytes.length === 24;
  if (isSigned && bytes.readUInt32LE(0) !== descriptorSignature) return false;
  const fields = bytes.subarray(isSigned ? 4 : 0);
  const sizes =
    fields.length === 12
      ? [BigInt(fields.readUInt32LE(4)), BigInt(fields.readUInt32LE(8))]
      : [fields.readBigUInt64LE(4), fields.readBigUInt64LE(12)];
  return (
    fields.readUInt32LE(0) === crc32 &&
    sizes[0] === BigInt(compressedSize) &&
    sizes[1] === BigInt(uncompressedSize)
  );
}

/** The bytes of a name; yauzl leaves them undecoded when it is asked to. */
export function rawName(entry: Entry): Buffer {
  return entry.fileNameRaw;
}

export function shownName(entry: Entry): string {
  return printable(rawName(entry).toString('utf8'), 120);
}

/** @throws ArchiveRefused for an entry that not every program can unpack. */
export function checkMethod(entry: Entry): void {
  const { generalPurposeBitFlag: flags, compressionMethod } = entry;
  // Encryption, a patch of another file, strong encryption, masked headers.
  if (flags & 0x2061)
    throw new ArchiveRefused('archive.unsupported-entry', `${shownName(entry)} is encrypted, or a patch.`);
  if (compressionMethod !== 0 && compressionMethod !== 8) {
    const detail = `${shownName(entry)} is compressed by method ${compressionMethod}.`;
    throw new ArchiveRefused('archive.unsupported-entry', detail);
  }
  if (compressionMethod === 0 && entry.compressedSize !== entry.uncompressedSize)
    throw ambiguous(`${shownName(entry)} is stored, and has two sizes.`);
}
