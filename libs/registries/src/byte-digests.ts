import { createHash, type Hash } from 'node:crypto';
import { Transform } from 'node:stream';
import type { ByteDigests } from '@sluice/contracts';
import { headBytes } from './unusable-answer.ts';

/** Passes bytes on while digesting them; `digests()` is complete once the stream has ended. */
export interface DigestingStream extends Transform {
  digests(): Required<Omit<ByteDigests, 'h1'>>;
  sizeBytes(): number;
  /** The first bytes, at most `headBytes`. */
  head(): Buffer;
}

/** Computes in one pass every digest that a registry or a lockfile may state. */
export function digestingStream(): DigestingStream {
  const hashes = {
    sha1: createHash('sha1'),
    sha256: createHash('sha256'),
    sha384: createHash('sha384'),
    sha512: createHash('sha512'),
  };
  let sizeBytes = 0;
  let head = Buffer.alloc(0);
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      if (head.length < headBytes) head = Buffer.concat([head, chunk.subarray(0, headBytes - head.length)]);
      for (const hash of Object.values(hashes)) hash.update(chunk);
      done(null, chunk);
    },
  });
  const hexOf = (hash: Hash) => hash.copy().digest('hex');
  return Object.assign(stream, {
    digests: () => ({
      sha1: hexOf(hashes.sha1),
      sha256: hexOf(hashes.sha256),
      sha384: hexOf(hashes.sha384),
      sha512: hexOf(hashes.sha512),
    }),
    sizeBytes: () => sizeBytes,
    head: () => head,
  });
}
