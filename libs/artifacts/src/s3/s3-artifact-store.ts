import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { PermanentError, TransientError } from '@sluice/contracts';
import type { KeptArtifact, SharedStore, StoredArtifact } from '../store.ts';
import { outage } from '../store-errors.ts';
import { corruption, verifyDigest } from '../verify-digest.ts';
import { S3Bucket, type S3Options } from './s3-bucket.ts';

const idKey = 'store-id';
const idPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const readBytesMaxDefault = 64 * 1024 * 1024;
/** Health is asked for every few seconds; each write costs money. */
const writtenEveryMs = 60_000;

/**
 * Artifact store in a bucket of an S3-compatible server: `sha256/ab/cd/<hex>`, and the object `store-id`.
 *
 * An object becomes visible whole, so that nothing is written before its digest is known: bytes of a stream wait in a file
 * in the folder for temporary files. Large ones are sent in parts.
 */
export function s3ArtifactStore(options: S3Options): SharedStore {
  const bucket = new S3Bucket(options);
  let expected: string | undefined;
  let writtenAt = Number.NEGATIVE_INFINITY;

  async function readId(): Promise<string | null> {
    const body = await bucket.get(idKey);
    if (body === null) return null;
    const text = (await bytesOf(body)).toString('utf8').trim();
    if (idPattern.test(text)) return text;
    throw outage(new Error(`the object ${idKey} of the bucket holds no id`));
  }

  /** Tells a store that is away, or another one, from an object that is not there. */
  async function confirm(): Promise<void> {
    if (expected === undefined) return;
    const found = await readId();
    if (found !== expected)
      throw outage(
        new Error(`the bucket is not the store ${expected}: its object ${idKey} is gone or another`),
      );
  }

  async function missing(digest: string): Promise<TransientError> {
    await confirm();
    return new TransientError('artifact.missing', `${digest} is not in the store.`);
  }

  async function bodyOf(digest: string): Promise<WebStream<Uint8Array>> {
    const key = keyOf(digest);
    if (!key) throw new PermanentError('artifact.missing', `"${digest.slice(0, 80)}" is no digest.`);
    const body = await bucket.get(key);
    if (body === null) throw await missing(digest);
    return body as WebStream<Uint8Array>;
  }

  async function putBytes(bytes: Uint8Array, stored: StoredArtifact): Promise<void> {
    const hex = stored.digest.slice('sha256:'.length);
    await bucket.put(keyOf(stored.digest)!, bytes, Buffer.from(hex, 'hex').toString('base64'));
  }

  return {
    place: `ARTIFACTS_S3_URL ${options.url}`,
    howToAdopt: (id) => `put an object ${idKey} with the text ${id} into the bucket`,
    readId,
    async makeId() {
      const known = await readId();
      if (known !== null) return known;
      const id = randomUUID();
      await bucket.put(idKey, Buffer.from(`${id}\n`));
      return (await readId()) ?? id;
    },
    expect: (id) => void (expected = id),
    async put(source, { verify } = {}) {
      if (source instanceof Uint8Array) {
        const digest = `sha256:${createHash('sha256').update(source).digest('hex')}`;
        const stored = { digest, sizeBytes: source.length };
        verify?.(stored);
        await putBytes(source, stored);
        return stored;
      }
      return spooled(source, async (file, stored) => {
        verify?.(stored);
        if (stored.sizeBytes <= bucket.partBytes)
          await putBytes(await readPart(file, 0, stored.sizeBytes), stored);
        else await bucket.putParts(keyOf(stored.digest)!, partsOf(file, stored.sizeBytes, bucket.partBytes));
        return stored;
      });
    },
    async open(digest) {
      const body = await bodyOf(digest);
      return verifyDigest(readableOf(body), digest);
    },
    async openUnhashed(digest) {
      const key = keyOf(digest);
      const head = key === null ? null : await bucket.head(key);
      if (key === null || head === null) throw await missing(digest);
      const { sizeBytes, etag } = head;
      return {
        sizeBytes,
        revision: `${etag}/${sizeBytes}`,
        async *chunks({ start, end }) {
          if (start > end) return;
          const body = await bucket.getRange(key, start, end, etag);
          yield* readableOf(body as WebStream<Uint8Array>) as AsyncIterable<Uint8Array>;
        },
        close: async () => {},
      };
    },
    async read(digest, maxBytes = readBytesMaxDefault) {
      const bytes = await bytesOf(await bodyOf(digest), maxBytes, digest);
      const corrupt = corruption(digest, createHash('sha256').update(bytes));
      if (corrupt) throw corrupt;
      return bytes;
    },
    async has(digest) {
      const key = keyOf(digest);
      if (key === null) return false;
      if ((await bucket.head(key)) !== null) return true;
      await confirm();
      return false;
    },
    async *list() {
      for await (const { key, sizeBytes, changedAt } of bucket.list('sha256/')) {
        const hex = /^sha256\/[0-9a-f]{2}\/[0-9a-f]{2}\/([0-9a-f]{64})$/.exec(key)?.[1];
        if (hex) yield { digest: `sha256:${hex}`, sizeBytes, storedAt: changedAt } satisfies KeptArtifact;
      }
    },
    async check() {
      await confirm();
      if (performance.now() - writtenAt < writtenEveryMs) return;
      const probe = `probe-${randomUUID()}`;
      await bucket.put(probe, Buffer.from('sluice'));
      await bucket.remove(probe);
      writtenAt = performance.now();
    },
  };
}

/** @returns null for a text that is no digest. */
function keyOf(digest: string): string | null {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  return hex ? `sha256/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex}` : null;
}

/** A body whose connection breaks is an outage of the store, not damage. */
function readableOf(body: WebStream<Uint8Array>): Readable {
  async function* chunks() {
    try {
      for await (const chunk of body) yield chunk;
    } catch (error) {
      throw outage(new Error('S3 broke off in the middle of an object', { cause: error }));
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}

async function bytesOf(
  body: ReadableStream<Uint8Array> | WebStream<Uint8Array>,
  maxBytes = 1_024,
  what = '',
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of readableOf(body as WebStream<Uint8Array>) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes)
      throw new PermanentError('artifact.too-large', `${what} has more than ${maxBytes} bytes.`);
  }
  return Buffer.concat(chunks);
}

/** Writes a stream to a temporary file and hashes it meanwhile; the file is gone afterwards. */
async function spooled<Result>(
  source: Readable,
  work: (file: FileHandle, stored: StoredArtifact) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-put-')).catch((error: unknown) => {
    throw outage(error);
  });
  let file: FileHandle | undefined;
  try {
    const opened = (file = await open(path.join(folder, 'bytes'), 'wx+', 0o600));
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of source as AsyncIterable<Uint8Array | string>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      hash.update(bytes);
      sizeBytes += bytes.length;
      await opened.writeFile(bytes).catch((error: unknown) => {
        throw outage(error);
      });
    }
    return await work(opened, { digest: `sha256:${hash.digest('hex')}`, sizeBytes });
  } finally {
    await file?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function readPart(file: FileHandle, start: number, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, start + filled);
    if (bytesRead === 0) throw outage(new Error('a temporary file was cut off'));
    filled += bytesRead;
  }
  return bytes;
}

async function* partsOf(file: FileHandle, sizeBytes: number, partBytes: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < sizeBytes; start += partBytes)
    yield readPart(file, start, Math.min(partBytes, sizeBytes - start));
}
