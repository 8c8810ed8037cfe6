import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { startS3 } from '../../test/s3-server.ts';
import { agreeOnStore } from '../agree-on-store.ts';
import { scrub } from '../scrub.ts';
import { describeArtifactStore, digestOf } from '../store-conformance.test-suite.ts';
import { s3ArtifactIndex } from './s3-artifact-index.ts';
import { s3ArtifactStore } from './s3-artifact-store.ts';
import { S3Bucket } from './s3-bucket.ts';

const server = await startS3();
afterEach(() => server.breakBy(null));

const keyOf = (digest: string) => {
  const hex = digest.slice('sha256:'.length);
  return `sha256/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex}`;
};
const spools = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('sluice-put-'));
const signal = new AbortController().signal;
const unavailable = { code: 'artifact.unavailable', host: 'artifact store' };

describeArtifactStore('a bucket', async () => {
  const options = server.optionsOf();
  const bucket = new S3Bucket(options);
  return {
    store: s3ArtifactStore(options),
    async countObjects() {
      let count = 0;
      for await (const _ of bucket.list('')) count += 1;
      return count;
    },
    async damage(digest, change) {
      const key = keyOf(digest);
      const changed = change(await buffer((await bucket.get(key))!));
      if (changed) await bucket.put(key, changed);
      else await bucket.remove(key);
    },
  };
});

describe('a bucket', () => {
  const bytes = randomBytes(300_000);

  it('takes large artifacts in parts, and shows them whole or not at all', async () => {
    const options = { ...server.optionsOf(), partBytes: 5 * 1024 * 1024 };
    const store = s3ArtifactStore(options);
    const large = randomBytes(11 * 1024 * 1024);
    const { digest } = await store.put(Readable.from([large.subarray(0, 7), large.subarray(7)]));
    expect(digestOf(await store.read(digest))).toBe(digest);
    const parts = server.requests.filter(({ path }) => path.includes('partNumber='));
    expect(parts).toHaveLength(3);
    const other = randomBytes(11 * 1024 * 1024);
    server.breakBy((request, response) => {
      if (!request.url!.includes('partNumber=3')) return false;
      response.writeHead(500).end();
      return true;
    });
    await expect(store.put(Readable.from([other]))).rejects.toMatchObject(unavailable);
    expect(await store.has(digestOf(other))).toBe(false);
    expect(server.requests.filter(({ method }) => method === 'DELETE')).not.toEqual([]);
  });

  it('leaves no temporary file behind, whether a put succeeds or fails', async () => {
    const store = s3ArtifactStore(server.optionsOf());
    const before = await spools();
    await store.put(Readable.from([bytes]));
    const source = Readable.from(
      (function* () {
        yield bytes;
        throw new Error('connection lost');
      })(),
    );
    await expect(store.put(source)).rejects.toThrow('connection lost');
    expect(await spools()).toEqual(before);
  });

  it('sends the digest for the server to compare, and how it is to encrypt', async () => {
    const options = server.optionsOf();
    await s3ArtifactStore({ ...options, encryption: 'AES256' }).put(new Uint8Array(bytes));
    const put = server.requests.findLast(({ method, path }) => method === 'PUT' && path.includes('/sha256/'));
    expect(put!.headers).toMatchObject({
      'x-amz-checksum-sha256': createHash('sha256').update(bytes).digest('base64'),
      'x-amz-server-side-encryption': 'AES256',
    });
  });

  it('is one store for all that have its address, and another one elsewhere', async () => {
    const options = server.optionsOf();
    let noted: string | null = null;
    const registry = { read: async () => noted, note: async (id: string) => (noted ??= id) };
    await agreeOnStore(s3ArtifactStore(options), registry, signal);
    await agreeOnStore(s3ArtifactStore(options), registry, signal);
    await expect(agreeOnStore(s3ArtifactStore(server.optionsOf()), registry, signal)).rejects.toMatchObject({
      code: 'artifact.another-store',
      message: expect.stringContaining('ARTIFACTS_S3_URL'),
    });
  });

  it('lists what it keeps', async () => {
    const options = server.optionsOf();
    const store = s3ArtifactStore(options);
    const kept = await Promise.all([1, 2, 3].map((size) => store.put(randomBytes(size))));
    await store.makeId();
    await s3ArtifactIndex(options).remember('a'.repeat(128), kept[0]!.digest);
    const listed = [];
    for await (const { digest, sizeBytes } of store.list()) listed.push({ digest, sizeBytes });
    expect(new Set(listed.map((one) => JSON.stringify(one)))).toEqual(
      new Set(kept.map((one) => JSON.stringify(one))),
    );
  });

  it('finds damaged artifacts and no others', async () => {
    const options = server.optionsOf();
    const store = s3ArtifactStore(options);
    const [good, bad] = [await store.put(randomBytes(100)), await store.put(randomBytes(200))];
    expect(await scrub(store)).toEqual({ artifacts: 2, sizeBytes: 300, damaged: [] });
    await new S3Bucket(options).put(keyOf(bad.digest), randomBytes(200));
    expect(await scrub(store)).toMatchObject({
      damaged: [{ digest: bad.digest, code: 'artifact.corrupt' }],
    });
    expect(good.sizeBytes).toBe(100);
    server.breakBy((_, response) => (response.writeHead(503).end(), true));
    await expect(scrub(store)).rejects.toMatchObject(unavailable);
  });

  it('remembers digests by their other hash, and takes an index that is away for an empty one', async () => {
    const index = s3ArtifactIndex(server.optionsOf());
    const [sha512, digest] = ['b'.repeat(128), digestOf(bytes)];
    expect(await index.find(sha512)).toBeNull();
    await index.remember(sha512, digest);
    expect(await index.find(sha512)).toBe(digest);
    server.breakBy((_, response) => (response.destroy(), true));
    expect(await index.find(sha512)).toBeNull();
    await index.remember(sha512, digest);
  });
});

describe('a bucket whose server', () => {
  const bytes = randomBytes(300_000);
  const isObject = ({ url }: IncomingMessage) => url!.includes('/sha256/');
  async function stored() {
    const options = server.optionsOf();
    const store = s3ArtifactStore(options);
    const id = await store.makeId();
    store.expect(id);
    return { store, options, ...(await store.put(new Uint8Array(bytes))) };
  }
  const asks = (store: ReturnType<typeof s3ArtifactStore>, digest: string) => [
    () => store.read(digest),
    async () => buffer(await store.open(digest)),
    () => store.openUnhashed(digest),
    () => store.has(digest),
    () => store.put(new Uint8Array(bytes)),
    () => store.put(Readable.from([bytes])),
  ];

  it.each<[string, Parameters<typeof server.breakBy>[0]]>([
    [
      'is overloaded',
      (_, response) => (response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>'), true),
    ],
    ['refuses the credentials', (_, response) => (response.writeHead(403).end(), true)],
    ['breaks connections off', (_, response) => (response.destroy(), true)],
    [
      'points elsewhere',
      (_, response) => (response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(), true),
    ],
  ])('%s is away: nothing else is said of the artifact', async (_what, fault) => {
    const { store, digest } = await stored();
    server.breakBy(fault);
    for (const ask of asks(store, digest)) await expect(ask()).rejects.toMatchObject(unavailable);
    await expect(store.check()).rejects.toMatchObject(unavailable);
    server.breakBy(null);
    expect(digestOf(await store.read(digest))).toBe(digest);
    await store.check();
  });

  it('never answers is away after the time for a request', async () => {
    const { options, digest } = await stored();
    server.breakBy(() => true);
    await expect(s3ArtifactStore({ ...options, timeoutMs: 300 }).read(digest)).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('in time'),
    });
  });

  it('cuts objects short is away, and never gives fewer bytes for all of them', async () => {
    const { store, digest } = await stored();
    server.breakBy((request, response) => {
      if (!isObject(request) || request.method !== 'GET') return false;
      response.writeHead(200, { 'content-length': String(bytes.length) });
      response.write(bytes.subarray(0, 1_000), () => response.destroy());
      return true;
    });
    await expect(store.read(digest)).rejects.toMatchObject(unavailable);
    await expect(buffer(await store.open(digest))).rejects.toMatchObject(unavailable);
    server.breakBy((request, response) => {
      if (!isObject(request) || request.method !== 'GET') return false;
      response.writeHead(200, { 'content-length': '1000' }).end(bytes.subarray(0, 1_000));
      return true;
    });
    await expect(store.read(digest)).rejects.toMatchObject({ code: 'artifact.corrupt' });
    await expect(buffer(await store.open(digest))).rejects.toMatchObject({ code: 'artifact.corrupt' });
  });

  it('forgets everything is away, and one that forgets an object has lost that one', async () => {
    const { store, digest, options } = await stored();
    await new S3Bucket(options).remove(keyOf(digest));
    await expect(store.read(digest)).rejects.toMatchObject({ code: 'artifact.missing' });
    expect(await store.has(digest)).toBe(false);
    await new S3Bucket(options).remove('store-id');
    for (const ask of asks(store, digest).slice(0, 4)) await expect(ask()).rejects.toMatchObject(unavailable);
    await expect(store.check()).rejects.toMatchObject(unavailable);
  });
});
