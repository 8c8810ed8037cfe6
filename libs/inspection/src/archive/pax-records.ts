import { printable } from '@sluice/contracts';
import { ArchiveRefused } from './archive-refused.ts';
import { ambiguous } from './tar-header.ts';

/** Parts of an extended header that decide which bytes are placed under which name. */
export interface PaxRecords {
  path: string | null;
  linkpath: string | null;
  sizeBytes: number | null;
  /** Keys without a known meaning. */
  unknownKeys: string[];
}

/** Keys that change neither name nor bytes: times, owners, attributes, remarks. */
const harmless =
  /^(?:[acm]time|[ug]id|[ug]name|comment|charset|mode|dev|ino|nlink|SCHILY\.(?:dev|ino|nlink|devmajor|devminor|fflags|acl\..+|xattr\..+)|LIBARCHIVE\.(?:creationtime|xattr\..+)|RHT\.security\..+|security\..+|NODETAR\.(?!path$|linkpath$|size$).+)$/;
/** Keys that some programs obey and node-tar does not: sparse files, volumes, other sizes and types, other encodings. */
const obeyedBySome =
  /^(?:GNU\.|SCHILY\.|SUN\.|LIBARCHIVE\.|STAR\.|VENDOR\.|realtime\.|hdrcharset$|type$|filetype$)/i;
const utf8Charset = 'ISO-IR 10646 2000 UTF-8';

/**
 * Reads the records of an extended header.
 * Source: POSIX.1-2017, pax, "pax Extended Header".
 * @throws ArchiveRefused `archive.ambiguous` for records that programs read differently,
 * `archive.unsupported-extension` for those that only some obey.
 */
export function readPaxRecords(body: Buffer): PaxRecords {
  const records: PaxRecords = { path: null, linkpath: null, sizeBytes: null, unknownKeys: [] };
  let at = 0;
  while (at < body.length) {
    const end = endOfRecord(body, at);
    const start = body.indexOf(0x20, at) + 1;
    const equals = body.indexOf(0x3d, start);
    const key = body.toString('latin1', start, equals);
    if (equals < 0 || equals >= end || !/^[\x21-\x7e]+$/.test(key)) throw malformed();
    take(records, key, body.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}

/** A record states its length in decimal digits, from these to its newline. */
function endOfRecord(body: Buffer, at: number): number {
  const digits = /^([1-9]\d{0,6}) /.exec(body.toString('latin1', at, at + 8))?.[1];
  const end = at + Number(digits);
  if (digits === undefined || end > body.length || body[end - 1] !== 0x0a) throw malformed();
  return end;
}

function take(records: PaxRecords, key: string, value: Buffer): void {
  refuseHiddenRecord(key, value);
  switch (key) {
    case 'path':
    case 'linkpath':
      records[key] = once(key, records[key], nameOf(key, value));
      break;
    case 'size':
      records.sizeBytes = once(key, records.sizeBytes, sizeOf(value));
      break;
    default:
      if (harmless.test(key) || (key === 'hdrcharset' && value.toString('latin1') === utf8Charset)) return;
      if (obeyedBySome.test(key)) throw unsupported(key);
      records.unknownKeys.push(key);
  }
}

/** node-tar goes by lines, others by lengths: a line within a value may be a record for node-tar. */
function refuseHiddenRecord(key: string, value: Buffer): void {
  if (!value.includes(0x0a)) return;
  const [, ...lines] = value.toString('utf8').split('\n');
  if (lines.some((line) => Number.parseInt(line, 10) === Buffer.byteLength(line) + 1)) {
    throw ambiguous(`The record ${printable(key, 80)} has another record in its value.`);
  }
}

function once<Value>(key: string, earlier: Value | null, value: Value): Value {
  if (earlier === null || earlier === value) return value;
  throw ambiguous(`The record ${key} stands twice, with two values.`);
}

function nameOf(key: string, value: Buffer): string {
  const text = value.toString('utf8');
  if (text === '' || /[\0\n]/.test(text) || !Buffer.from(text).equals(value)) {
    throw ambiguous(`The record ${key} has a value that programs read differently.`);
  }
  return text;
}

function sizeOf(value: Buffer): number {
  const text = value.toString('latin1');
  const size = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(size)) return size;
  throw new ArchiveRefused('archive.invalid-size', 'A record states a size that is no size.');
}

function malformed(): ArchiveRefused {
  return ambiguous('An extended header has a malformed record.');
}

function unsupported(key: string): ArchiveRefused {
  const detail = `The record ${printable(key, 80)} changes what some programs extract.`;
  return new ArchiveRefused('archive.unsupported-extension', detail);
}
