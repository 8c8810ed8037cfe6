import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ArtifactStore } from './store.ts';

/** What the suite needs to know of a driver to look behind the interface. */
export interface StoreUnderTest {
  store: ArtifactStore;
  /** Replaces the stored bytes of a digest behind the store's back; null removes them. */
  damage(digest: string, change: (bytes: Buffer) => Buffer | null): Promise<void>;
  /** Number of objects that the store occupies, temporary ones included. */
  countObjects(): Promise<number>;
}

export const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The guarantees of ArtifactStore; every driver runs through them. */
export function describeArtifactStore(name: string, create: () => Promise<StoreUnderTest>): void {
  describe(`${name} as an artifact store`, () => {
    let under: StoreUnderTest;
    const bytes = randomBytes(300_000);
    beforeEach(async () => {
      under = await create();
    });

    it('gives back the bytes that were put, from a buffer and from a stream', async () => {
      const stored = await under.store.put(Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]));
      expect(stored).toEqual({ digest: digestOf(bytes), sizeBytes: bytes.length });
      expect(digestOf(await under.store.read(stored.digest))).toBe(digestOf(bytes));
      expect(digestOf(await buffer(await under.store.open(stored.digest)))).toBe(digestOf(bytes));
      expect(await under.store.put(new Uint8Array(bytes))).toEqual(stored);
    });

    it('gives parts of the bytes, with the size of all and a revision that stays', async () => {
      const { digest } = await under.store.put(bytes);
      const opened = await under.store.openUnhashed(digest);
      const partOf = async (start: number, end: number) => {
        const chunks: Buffer[] = [];
        for await (const chunk of opened.chunks({ start, end })) chunks.push(Buffer.from(chunk));
        return Buffer.concat(chunks);
      };
      expect(opened.sizeBytes).toBe(bytes.length);
      const parts = await Promise.all([partOf(100, 279_999), partOf(0, bytes.length - 1), partOf(7, 7)]);
      expect(parts.map(digestOf)).toEqual(
        [bytes.subarray(100, 280_000), bytes, bytes.subarray(7, 8)].map(digestOf),
      );
      const again = await under.store.openUnhashed(digest);
      expect(again.revision).toBe(opened.revision);
      await Promise.all([opened.close(), again.close()]);
    });

    it('has another revision of bytes that were changed behind its back', async () => {
      const { digest } = await under.store.put(bytes);
      const before = await under.store.openUnhashed(digest);
      await before.close();
      await under.damage(digest, (kept) => Buffer.from(kept).fill(1, 0, 10));
      const after = await under.store.openUnhashed(digest);
      await after.close();
      expect(after.revision).not.toBe(before.revision);
    });

    it('stores empty content', async () => {
      const { digest } = await under.store.put(new Uint8Array());
      expect(await under.store.read(digest)).toHaveLength(0);
    });

    it('keeps one object for the same bytes, also when they are put at the same time', async () => {
      await Promise.all(Array.from({ length: 20 }, () => under.store.put(bytes)));
      expect(await under.countObjects()).toBe(1);
      expect(digestOf(await under.store.read(digestOf(bytes)))).toBe(digestOf(bytes));
    });

    it('keeps nothing when the source fails in the middle', async () => {
      const source = Readable.from(
        (function* () {
          yield bytes;
          throw new Error('connection lost');
        })(),
      );
      await expect(under.store.put(source)).rejects.toThrow('connection lost');
      expect(await under.countObjects()).toBe(0);
    });

    it('keeps nothing when verify throws, and hands it the digests of the bytes', async () => {
      let seen: unknown;
      const put = under.store.put(bytes, {
        verify(stored) {
          seen = stored;
          throw new Error('wrong hash');
        },
      });
      await expect(put).rejects.toThrow('wrong hash');
      expect(seen).toEqual({ digest: digestOf(bytes), sizeBytes: bytes.length });
      expect(await under.store.has(digestOf(bytes))).toBe(false);
      expect(await under.countObjects()).toBe(0);
    });

    it('says whether it has an artifact', async () => {
      expect(await under.store.has(digestOf(bytes))).toBe(false);
      await under.store.put(bytes);
      expect(await under.store.has(digestOf(bytes))).toBe(true);
    });

    it.each([
      'sha256:',
      `sha256:../../${'a'.repeat(58)}`,
      `sha512:${'a'.repeat(64)}`,
      `sha256:${'A'.repeat(64)}`,
      '',
    ])('takes %j for no digest', async (digest) => {
      expect(await under.store.has(digest)).toBe(false);
      await expect(under.store.open(digest)).rejects.toMatchObject({ code: 'artifact.missing' });
    });

    it('reports missing bytes as artifact.missing', async () => {
      const { digest } = await under.store.put(bytes);
      await under.damage(digest, () => null);
      await expect(under.store.read(digest)).rejects.toMatchObject({ code: 'artifact.missing' });
      await expect(under.store.open(digest)).rejects.toMatchObject({ code: 'artifact.missing' });
    });

    it.each<[string, (bytes: Buffer) => Buffer]>([
      ['flipped', (content) => flip(content, 150_000)],
      ['truncated', (content) => content.subarray(0, -1)],
      ['extended', (content) => Buffer.concat([content, Buffer.from('x')])],
      ['emptied', () => Buffer.alloc(0)],
    ])('reports %s bytes as artifact.corrupt, and mends them with the next put', async (_name, change) => {
      const { digest } = await under.store.put(bytes);
      await under.damage(digest, change);
      await expect(under.store.read(digest)).rejects.toMatchObject({ code: 'artifact.corrupt' });
      await expect(buffer(await under.store.open(digest))).rejects.toMatchObject({
        code: 'artifact.corrupt',
      });
      await under.store.put(bytes);
      expect(digestOf(await under.store.read(digest))).toBe(digestOf(bytes));
    });

    it('reads no more than the reader takes in', async () => {
      const { digest } = await under.store.put(bytes);
      await expect(under.store.read(digest, bytes.length - 1)).rejects.toMatchObject({
        code: 'artifact.too-large',
      });
      expect(digestOf(await under.store.read(digest, bytes.length))).toBe(digestOf(bytes));
    });

    it('can be written, says the check, and the check leaves nothing', async () => {
      await under.store.check();
      expect(await under.countObjects()).toBe(0);
    });
  });
}

function flip(bytes: Buffer, at: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[at]! ^= 1;
  return flipped;
}
