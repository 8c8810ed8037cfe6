import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { chunksOf, tar } from '@sluice/testkit';
import { ArchiveRefused } from './archive-refused.ts';
import { withoutFolder } from './entry-path.ts';
import { readTarball } from './read-tarball.ts';

const options = { placedPath: withoutFolder };

const packed = gzipSync(tar([{ path: 'package/a', body: 'x'.repeat(3_000) }]));

async function filesIn(bytes: Buffer, step: number): Promise<string[]> {
  const files: string[] = [];
  await readTarball(chunksOf(bytes, step), ({ path }) => (files.push(path), null), options);
  return files;
}

test.each([1, 50, 512, 100_000])(
  'zeros after the compressed bytes are padding, in chunks of %i',
  async (step) => {
    expect(await filesIn(Buffer.concat([packed, Buffer.alloc(9_000)]), step)).toEqual(['a']);
  },
);

test.each([50, 512, 100_000])('data after such padding is refused, in chunks of %i', async (step) => {
  const bytes = Buffer.concat([packed, Buffer.alloc(900), packed]);
  await expect(filesIn(bytes, step)).rejects.toMatchObject({ reason: 'archive.ambiguous' });
});

test('a second member directly after the first belongs to the archive', async () => {
  const end = Buffer.alloc(1024);
  const first = gzipSync(tar([{ path: 'package/a', body: 'x' }], Buffer.alloc(0)));
  const second = gzipSync(tar([{ path: 'package/b', body: 'y' }], end));
  expect(await filesIn(Buffer.concat([first, second]), 100)).toEqual(['a', 'b']);
});

test('a refusal leaves the source to the caller, who can read it to its end', async () => {
  const members = Array.from({ length: 400 }, (_, i) => ({
    path: `package/${i}`,
    body: Buffer.alloc(5_000, i),
  }));
  const chunks = chunksOf(gzipSync(tar([{ path: '../out', body: '' }, ...members]), { level: 0 }), 70_000);
  const source = { [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }) };
  await expect(readTarball(source, () => null, options)).rejects.toThrow(ArchiveRefused);
  let rest = 0;
  for await (const chunk of source) rest += chunk.length;
  expect(rest).toBeGreaterThan(1_000_000);
});

test("a source that fails ends the reading with the source's error", async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield packed.subarray(0, 40);
    throw new Error('the disk is gone');
  }
  await expect(readTarball(failing(), () => null, options)).rejects.toThrow('the disk is gone');
});
