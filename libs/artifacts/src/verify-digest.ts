import { createHash, type Hash } from 'node:crypto';
import { pipeline, Transform, type Readable } from 'node:stream';
import { PermanentError } from '@sluice/contracts';

/**
 * @param hash of the bytes that were found under the digest.
 * @returns PermanentError `artifact.corrupt` when they are others; null when they are not.
 */
export function corruption(digest: string, hash: Hash): PermanentError | null {
  const found = `sha256:${hash.digest('hex')}`;
  return found === digest
    ? null
    : new PermanentError('artifact.corrupt', `${digest} holds the bytes of ${found}.`);
}

/**
 * Passes bytes on while hashing them. The stream ends with an error instead of an end when they do not match, so a
 * reader that waits for the end never takes wrong bytes for right ones.
 * @param digest `sha256:<hex>`.
 * @throws (through the stream) PermanentError `artifact.corrupt`; errors of the source.
 */
export function verifyDigest(source: Readable, digest: string): Readable {
  const hash = createHash('sha256');
  const verified = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      done(corruption(digest, hash));
    },
  });
  source.once('error', (cause) => verified.destroy(cause));
  return pipeline(source, verified, () => {
    // Errors reach the reader through `verified`; pipeline closes the source when the reader goes away.
  });
}
