import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { LicenseIndex } from './license-index.ts';

/** Beside the compiled code, also of the sources. */
const preparedFile = fileURLToPath(new URL('../dist/license-index.bin', import.meta.url));
/** Read as a number of the machine, it also tells the order of bytes. */
const magic = 0x31_49_4c_53;
const keyBytes = 32;
const headBytes = 4 + keyBytes + 4;

/** The parts beside the lists of numbers. */
interface Description {
  ids: string[];
  sizes: number[];
  entryCount: number;
  appendixCount: number;
}

/**
 * The index as the build prepared it.
 * @returns null when there is none, or one of other license texts or other code.
 */
export function readPreparedIndex(): LicenseIndex | null {
  try {
    return decodeIndex(readFileSync(preparedFile), indexKey());
  } catch {
    // Not prepared, or cut off. The index is built from the texts, as it is without a build.
    return null;
  }
}

export function writePreparedIndex(index: LicenseIndex): void {
  writeFileSync(preparedFile, encodeIndex(index, indexKey()));
}

/** Changes with all that the index is made of: the texts, and the code that makes words and numbers of them. */
function indexKey(): Buffer {
  const { resolve } = createRequire(import.meta.url);
  const hash = createHash('sha256');
  for (const name of ['spdx-license-list/package.json', 'spdx-license-ids/package.json'])
    hash.update((JSON.parse(readFileSync(resolve(name), 'utf8')) as { version: string }).version);
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  for (const name of ['license-index', 'license-words', 'prepared-index'])
    hash.update(readFileSync(new URL(`${name}.${ending}`, import.meta.url)));
  return hash.digest();
}

/** @param key of 32 bytes, which tells this index from others. */
export function encodeIndex(index: LicenseIndex, key: Buffer): Buffer {
  const { hashes, owners, counts, ids, sizes, appendices } = index;
  const description: Description = { ids, sizes, entryCount: hashes.length, appendixCount: appendices.size };
  const text = Buffer.from(JSON.stringify(description));
  const head = Buffer.alloc(headBytes + padded(text.length));
  new Uint32Array(head.buffer, head.byteOffset, 1)[0] = magic;
  key.copy(head, 4);
  head.writeUInt32LE(text.length, 4 + keyBytes);
  text.copy(head, headBytes);
  return Buffer.concat([head, ...[hashes, Uint32Array.from(appendices), owners, counts].map(bytesOf)]);
}

/**
 * @param bytes not changed later on: the index is a view of them.
 * @throws RangeError or SyntaxError for bytes that are cut off.
 * @returns null for an index of another key.
 */
export function decodeIndex(bytes: Buffer, key: Buffer): LicenseIndex | null {
  if (bytes.length < headBytes || !bytes.subarray(4, 4 + keyBytes).equals(key)) return null;
  // Lists of numbers must begin at a multiple of their size; a copy does.
  const { buffer } = new Uint8Array(bytes);
  if (new Uint32Array(buffer, 0, 1)[0] !== magic) return null;
  const textLength = bytes.readUInt32LE(4 + keyBytes);
  const { ids, sizes, entryCount, appendixCount } = JSON.parse(
    bytes.toString('utf8', headBytes, headBytes + textLength),
  ) as Description;
  const hashesAt = headBytes + padded(textLength);
  const appendicesAt = hashesAt + 4 * entryCount;
  const ownersAt = appendicesAt + 4 * appendixCount;
  const countsAt = ownersAt + 2 * entryCount;
  return {
    ids,
    sizes,
    hashes: new Uint32Array(buffer, hashesAt, entryCount),
    appendices: new Set(new Uint32Array(buffer, appendicesAt, appendixCount)),
    owners: new Uint16Array(buffer, ownersAt, entryCount),
    counts: new Uint8Array(buffer, countsAt, entryCount),
  };
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Uint16Array | Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
