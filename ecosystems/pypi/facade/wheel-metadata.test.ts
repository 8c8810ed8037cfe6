import { expect, it } from 'vitest';
import { buildSdist, buildWheel, metadataText } from '../fake/index.ts';
import { readWheelMetadata } from './wheel-metadata.ts';

/** Bytes whose memory is used again for each chunk, as those of the store are. */
const bytesOf = (bytes: Buffer) => ({
  sizeBytes: bytes.length,
  async *chunks({ start, end }: { start: number; end: number }) {
    const shared = Buffer.alloc(16);
    for (let at = start; at <= end; at += shared.length) {
      const size = bytes.copy(shared, 0, at, Math.min(at + shared.length, end + 1));
      yield shared.subarray(0, size);
      shared.fill(0);
    }
  },
});
const named = { name: 'a-b', version: '1.0', headers: ['License: MIT'] };

it('reads the metadata of a wheel', async () => {
  const wheel = buildWheel({ ...named, files: { 'a.py': 'x = 1\n'.repeat(1_000) } });
  expect((await readWheelMetadata(bytesOf(wheel)))?.toString()).toBe(metadataText(named));
});

it('has none of a wheel whose metadata are larger than metadata are', async () => {
  const wheel = buildWheel({ ...named, headers: [`Summary: ${'x'.repeat(3 * 1024 * 1024)}`] });
  expect(await readWheelMetadata(bytesOf(wheel))).toBeNull();
});

it('refuses what is no zip', async () => {
  await expect(readWheelMetadata(bytesOf(buildSdist(named)))).rejects.toThrow();
});
