import { buffer } from 'node:stream/consumers';
import type { ArtifactIndex } from '../artifact-index.ts';
import { S3Bucket, type S3Options } from './s3-bucket.ts';

/** Index in the bucket of the artifact store, a small object an entry, `sha512/ab/<hex>`. */
export function s3ArtifactIndex(options: S3Options): ArtifactIndex {
  const bucket = new S3Bucket(options);
  const keyOf = (sha512: string) => {
    if (!/^[0-9a-f]{128}$/.test(sha512)) throw new RangeError('Not a sha512 in hex.');
    return `sha512/${sha512.slice(0, 2)}/${sha512}`;
  };
  return {
    async find(sha512) {
      const key = keyOf(sha512);
      // An index that cannot be read is as good as an empty one.
      const body = await bucket.get(key).catch(() => null);
      const entry = body === null ? '' : await buffer(body).then(String, () => '');
      return /^sha256:[0-9a-f]{64}$/.test(entry.trim()) ? entry.trim() : null;
    },
    async remember(sha512, digest) {
      await bucket.put(keyOf(sha512), Buffer.from(`${digest}\n`)).catch(() => {});
    },
  };
}
