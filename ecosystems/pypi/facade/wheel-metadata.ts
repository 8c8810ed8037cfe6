import { Readable } from 'node:stream';
import type { ArchiveBytes } from '@sluice/facades';
import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { metadataMaxBytes } from '../core-metadata.ts';

/** `a-1.0.dist-info/METADATA`: an assessed wheel has one such folder. */
const metadataPath = /^[^/]+\.dist-info\/METADATA$/;
/** No wheel that passes its inspection has more. */
const entriesMax = 200_000;

/**
 * The core metadata in a wheel, as they are served beside it (PEP 658): a resolver needs no more of most wheels.
 * @returns null for an archive without them, or with more than metadata have.
 * @throws errors of the bytes, and of a zip that cannot be read.
 */
export async function readWheelMetadata(archive: ArchiveBytes): Promise<Buffer | null> {
  const zip = await fromRandomAccessReaderPromise(new BytesReader(archive), archive.sizeBytes, {
    autoClose: false,
  });
  if (zip.entryCount > entriesMax) return null;
  for await (const entry of zip.eachEntry()) {
    if (!metadataPath.test(entry.fileName)) continue;
    if (entry.uncompressedSize > metadataMaxBytes) return null;
    return Buffer.concat(await (await zip.openReadStreamPromise(entry)).toArray());
  }
  return null;
}

class BytesReader extends RandomAccessReader {
  readonly #archive: ArchiveBytes;

  constructor(archive: ArchiveBytes) {
    super();
    this.#archive = archive;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(copied(this.#archive.chunks({ start, end: end - 1 })));
  }
}

async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}
