import { Transform, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { PermanentError } from '@sluice/contracts';

export interface CappedBodyOptions {
  gunzip: boolean;
  /** Most bytes that the reader may get, counted after decompression. */
  maxBytes: number;
  /** Makes the reader's error from the cause that broke the body off. */
  toError(cause: unknown): Error;
  /** Called once when the body has ended, failed or been dropped by its reader. */
  onClose(error: Error | null): void;
}

/**
 * The body of a response as its reader may have it: bounded, with errors of known kinds. The caller must read
 * it to the end or destroy it, which also destroys the source.
 */
export function cappedBody(source: Readable, options: CappedBodyOptions): Readable {
  let sizeBytes = 0;
  const capped = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      if (sizeBytes <= options.maxBytes) done(null, chunk);
      else
        done(new PermanentError('egress.too-large', `The answer has more than ${options.maxBytes} bytes.`));
    },
  });
  const gunzip = options.gunzip ? createGunzip() : null;
  const fail = (cause: unknown) => capped.destroy(options.toError(cause));
  source.on('error', fail);
  source.once('close', () => source.readableEnded || fail(new Error('The source closed before its end.')));
  gunzip?.on('error', fail);
  capped.once('close', () => {
    source.destroy();
    gunzip?.destroy();
    options.onClose(capped.errored);
  });
  (gunzip ? source.pipe(gunzip) : source).pipe(capped);
  return capped;
}
