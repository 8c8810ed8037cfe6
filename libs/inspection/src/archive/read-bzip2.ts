import Bunzip from 'seek-bzip';
import type { ArchiveLimits } from './archive-limits.ts';
import { ArchiveRefused } from './archive-refused.ts';
import { ambiguous } from './tar-header.ts';

/** The library unpacks in one go, so that all of it is in memory: source distributions of this kind are old and small. */
const unpackedMaxBytes = 128 * 1024 * 1024;
const packedMaxBytes = 64 * 1024 * 1024;
/** Large chunks: the work per chunk outweighs the copying. */
const chunkBytes = 256 * 1024;

/**
 * Unpacks bzip2, of one stream or several behind each other, each with the checksums that it states.
 * @throws ArchiveRefused for damage, for an end in the middle, for data behind the last stream that is none, since some programs pass over it,
 * and beyond the limits.
 */
export async function* readBzip2(
  source: AsyncIterable<Buffer>,
  { ratioMax, ratioFloorBytes }: Pick<ArchiveLimits, 'ratioMax' | 'ratioFloorBytes'>,
): AsyncGenerator<Buffer> {
  const packed = await readWhole(source);
  const sink = new Sink(Math.min(unpackedMaxBytes, Math.max(ratioFloorBytes, packed.length * ratioMax)));
  const input = new Source(packed);
  let streams = 0;
  while (input.position < packed.length) {
    if (streams > 0 && packed.toString('latin1', input.position, input.position + 3) !== 'BZh')
      throw ambiguous('Data follows the end of the compressed bytes.');
    unpack(input, sink);
    streams += 1;
  }
  yield* sink.chunks();
}

async function readWhole(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    if (sizeBytes > packedMaxBytes)
      throw new ArchiveRefused('archive.too-large', `An archive of bzip2 may have ${packedMaxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function unpack(input: Source, sink: Sink): void {
  try {
    // Returns at the end of one stream, with its checksum compared.
    Bunzip.decode(input, sink, false);
  } catch (cause) {
    if (cause instanceof ArchiveRefused) throw cause;
    throw new ArchiveRefused('archive.damaged', 'The compressed bytes are damaged.', { cause });
  }
}

/** The library asks for the end between blocks, and would take one there for that of the stream: it is never told of any. */
class Source {
  readonly #bytes: Buffer;
  position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  readByte(): number {
    const byte = this.#bytes[this.position];
    if (byte === undefined) throw new ArchiveRefused('archive.truncated', 'The compressed bytes end early.');
    this.position += 1;
    return byte;
  }

  read(buffer: Uint8Array, from: number, length: number): number {
    for (let at = 0; at < length; at += 1) buffer[from + at] = this.readByte();
    return length;
  }

  eof(): boolean {
    return false;
  }

  seek(): never {
    throw new ArchiveRefused('archive.damaged', 'The compressed bytes are damaged.');
  }
}

class Sink {
  readonly #maxBytes: number;
  readonly #full: Buffer[] = [];
  #chunk = Buffer.allocUnsafe(chunkBytes);
  #at = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  writeByte(byte: number): void {
    if (this.#at === chunkBytes) this.#next();
    this.#chunk[this.#at] = byte;
    this.#at += 1;
  }

  *chunks(): Generator<Buffer> {
    yield* this.#full;
    if (this.#at > 0) yield this.#chunk.subarray(0, this.#at);
  }

  #next(): void {
    this.#full.push(this.#chunk);
    if (this.#full.length * chunkBytes > this.#maxBytes)
      throw new ArchiveRefused('archive.ratio-exceeded', `It unpacks to more than ${this.#maxBytes} bytes.`);
    this.#chunk = Buffer.allocUnsafe(chunkBytes);
    this.#at = 0;
  }
}
