import { once } from 'node:events';
import { createGunzip, type Gunzip } from 'node:zlib';
import { ArchiveRefused } from './archive-refused.ts';
import { ambiguous, isZeroBlock } from './tar-header.ts';

/** Large chunks: the work per chunk outweighs the copying. */
const chunkBytes = 256 * 1024;

/**
 * Unpacks a gzip stream for a reader. Zeros may follow it: tar pads its output to blocks.
 * @throws ArchiveRefused for damage, and for data after such zeros: some programs unpack it, others end there. Errors of
 * source and reader.
 */
export async function readGzip(
  source: AsyncIterable<Buffer>,
  read: (unpacked: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const unzip = createGunzip({ chunkSize: chunkBytes });
  // The reader learns of errors by reading.
  unzip.on('error', () => {});
  const feeding = feed(source, unzip);
  feeding.catch((error: Error) => unzip.destroy(error));
  try {
    await read(unzip);
  } catch (cause) {
    unzip.destroy();
    // The caller may go on with the source only when nothing else reads it any more.
    await feeding.catch(() => {});
    throw refusalOf(cause);
  }
  await feeding;
}

/** Ends with the source, or once the reader gave up. Writes by hand: `pipeline` takes an early end for a failure. */
async function feed(source: AsyncIterable<Buffer>, unzip: Gunzip): Promise<void> {
  let fedBytes = 0;
  // A reader that gave up leaves the last write unanswered.
  const closed = once(unzip, 'close').catch(() => {});
  for await (const chunk of source) {
    if (isGivenUp(unzip)) return;
    fedBytes += chunk.length;
    if (unzip.writable) {
      const written = new Promise((resolve) => unzip.write(chunk, resolve));
      await Promise.race([written, closed]);
      if (isGivenUp(unzip)) return;
    }
    refuseData(chunk.subarray(chunk.length - Math.min(chunk.length, fedBytes - unzip.bytesWritten)));
  }
  if (unzip.writable) unzip.end();
}

function isGivenUp(unzip: Gunzip): boolean {
  return !unzip.readableEnded && (unzip.errored !== null || unzip.destroyed);
}

function refuseData(chunk: Buffer): void {
  if (!isZeroBlock(chunk)) throw ambiguous('Data follows the padding of the compressed bytes.');
}

function refusalOf(cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'Z_BUF_ERROR') {
    return new ArchiveRefused('archive.truncated', 'The compressed bytes end early.', { cause });
  }
  return code?.startsWith('Z_')
    ? new ArchiveRefused('archive.damaged', 'The compressed bytes are damaged.', { cause })
    : cause;
}
