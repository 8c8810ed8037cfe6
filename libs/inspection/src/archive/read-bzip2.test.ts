import { chunksOf } from '@sluice/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutFolder } from './entry-path.ts';
import { readTarball } from './read-tarball.ts';

/** A tar of pkg-1.0/PKG-INFO and pkg-1.0/setup.py, packed by Python's bz2. */
const packed = Buffer.from(
  'QlpoOTFBWSZTWemIfh8AALbfhMqQQGP/kAGvxQBvr94gCAAISDAAuSGoj1TJp4oxAyaaPKDT9UMTI2oYaGmgBoADQAAyGgSiUekbKaG1NANAA0B6mhpXTMWKLdUAFaCCFEIlA4KMd8eSiCCgbYMyVRkNCe1ri3PcNlTga80igmpJhgIcxghIW26wmJBNp20DgOcEcagWAtB2aTmdNkcJsBkUhCsLSLvlTm33CcgJcEX6yDkfQpcAoTbCJYvyJHvnKxYyYGPaqqtk48V0sDCwJwsLVIiB/F3JFOFCQ6Yh+Hw=',
  'base64',
);
/** The same in two streams. */
const twoStreams = Buffer.from(
  'QlpoOTFBWSZTWT0x/MgAAI7fhcqQQGP/kAGvxQBvr94gCAAEAAgIMAC5Iak09UaaeKNpAyaaPKDT9UMTTR6hhoaaAGgANAADIaBKJR5RtJoPU9QDIANAaaGlc8xYKXWAitBEIwqIjwjkvkpIIgoG2DMtNTjSnta6m6LhspeDZTUKCUJMMBDmMEHFtusVyE6nZQN45JkkUCwFoOzQbXtgcZsBkUpCsLiF3up7r7hOQE2CL9RB6MQpaRRFbGJsv1EsITlYsfmBkHKqrS0KFfJAwsDEFhanED+LuSKcKEgemP5kAEJaaDkxQVkmU1lWczzWAAAKYADAAEAAAAggACClNBmMTYk8XckU4UJBWczzWA==',
  'base64',
);
/** 40 MB of zeros. */
const bomb = Buffer.from('QlpoOTFBWSZTWdjs3f4BMl9ACMAAABAACCAAMMwJqmmgSlFbUBKUV4u5IpwoSGx2bv8A', 'base64');

async function filesIn(bytes: Buffer, bzip2 = true): Promise<string[]> {
  const files: string[] = [];
  await readTarball(chunksOf(bytes, 50), ({ path }) => (files.push(path), null), {
    placedPath: withoutFolder,
    bzip2,
  });
  return files;
}

const refusalOf = (bytes: Buffer) =>
  filesIn(bytes).then(
    () => null,
    (error: { reason?: string; message: string }) => error.reason ?? error.message,
  );

test('a tar of bzip2 is read, of one stream and of several', async () => {
  expect(await filesIn(packed)).toEqual(['PKG-INFO', 'setup.py']);
  expect(await filesIn(twoStreams)).toEqual(['PKG-INFO', 'setup.py']);
});

test('one is not read where the package manager does not unpack it', async () => {
  await expect(filesIn(packed, false)).rejects.toMatchObject({ reason: 'archive.not-an-archive' });
});

test.each<[string, Buffer, string]>([
  ['an end within a block', packed.subarray(0, 100), 'archive.truncated'],
  ['an end before the checksum of the stream', packed.subarray(0, -2), 'archive.truncated'],
  [
    'a stream that begins and ends at once',
    Buffer.concat([packed, Buffer.from('BZh9')]),
    'archive.truncated',
  ],
  ['data behind its end', Buffer.concat([packed, Buffer.from('hidden')]), 'archive.ambiguous'],
  ['zeros behind its end', Buffer.concat([packed, Buffer.alloc(512)]), 'archive.ambiguous'],
  ['far more unpacked than packed', bomb, 'archive.ratio-exceeded'],
])('one with %s is refused', async (_, bytes, reason) => {
  expect(await refusalOf(bytes)).toBe(reason);
});

test('one with any byte changed is refused, or has the same files: some bits are of codes that are not used', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const changed = Buffer.from(packed);
      changed[at] = changed[at]! ^ by;
      const found = await filesIn(changed).catch((error: { reason?: string }) => error.reason ?? error);
      if (typeof found === 'string') refused += 1;
      else expect(found).toEqual(['PKG-INFO', 'setup.py']);
    }),
    { numRuns: 300 },
  );
  expect(refused).toBeGreaterThan(200);
});
