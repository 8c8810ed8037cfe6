import { ArchiveRefused } from './archive-refused.ts';

const blockBytes = 512;
const emptySums = 8 * 0x20;

/**
 * Walks the raw headers of a tar stream and believes nothing but them: no PAX records, no GNU extensions. Where its
 * list of entries differs from the real parser's, two programs can read the same archive differently, and something
 * may hide in the difference.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format".
 */
export class TarSkeleton {
  /** Sizes of the entries that are no extension headers, oldest first; taken by the caller. */
  readonly #sizes: number[] = [];
  readonly #block = Buffer.alloc(blockBytes);
  #filled = 0;
  #skip = 0;
  #zeroBlocks = 0;
  /** True when something other than padding follows the end of the archive. */
  trailingData = false;

  /** @throws ArchiveRefused `archive.invalid-size` for a size that is no number or negative. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      if (this.#zeroBlocks >= 2) {
        this.trailingData ||= chunk.subarray(at).some((byte) => byte !== 0);
        return;
      }
      const copied = chunk.copy(this.#block, this.#filled, at, at + blockBytes - this.#filled);
      this.#filled += copied;
      at += copied;
      if (this.#filled === blockBytes) {
        this.#filled = 0;
        this.#readHeader(this.#block);
      }
    }
  }

  /** The size of the next entry as its own header states it, or undefined when there is none. */
  nextSize(): number | undefined {
    return this.#sizes.shift();
  }

  /** Entries that were seen here and not taken: the parser did not see them. */
  get pending(): number {
    return this.#sizes.length;
  }

  #readHeader(block: Buffer): void {
    if (block.every((byte) => byte === 0)) {
      this.#zeroBlocks += 1;
      return;
    }
    this.#zeroBlocks = 0;
    const type = String.fromCharCode(block[156]!);
    const size = type === '5' ? 0 : readSize(block);
    this.#skip = Math.ceil(size / blockBytes) * blockBytes;
    if (!'xgXLK'.includes(type)) this.#sizes.push(size);
  }
}

/** Checks the sum that each header carries. Tells a tar stream from anything else. */
export function isTarHeader(block: Buffer): boolean {
  if (block.length < blockBytes) return false;
  let sum = emptySums;
  for (let i = 0; i < blockBytes; i += 1) if (i < 148 || i >= 156) sum += block[i]!;
  return Number.parseInt(block.toString('latin1', 148, 156), 8) === sum;
}

function readSize(block: Buffer): number {
  const first = block[124]!;
  const size =
    first & 0x80 ? readBase256(block.subarray(124, 136)) : readOctal(block.toString('latin1', 124, 136));
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new ArchiveRefused('archive.invalid-size', 'An entry states a size that is no size.');
  }
  return size;
}

function readOctal(field: string): number {
  const text = field.replace(/\0.*$/s, '').trim();
  return text === '' ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** GNU's binary form: 0x80, then a big-endian number; 0xff means that it is negative. */
function readBase256(field: Buffer): number {
  if (field[0] === 0xff) return -1;
  return [...field.subarray(1)].reduce((value, byte) => value * 256 + byte, field[0]! & 0x7f);
}
