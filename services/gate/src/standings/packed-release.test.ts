import type { Release } from '@sluice/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packRelease, unpackRelease } from './packed-release.ts';

const digest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `sha256:${Buffer.from(bytes).toString('hex')}`);
const time = fc
  .date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const release: fc.Arbitrary<Release> = fc.record({
  publishedAt: fc.option(time),
  gatheredAt: time,
  metadataDigest: digest,
  tagsDigest: fc.option(digest),
  files: fc.array(
    fc.record({
      file: fc.string({ unit: 'grapheme', maxLength: 300 }),
      kind: fc.constantFrom('tarball', 'wheel', ''),
      platform: fc.option(fc.string()),
      artifactDigest: digest,
      sizeBytes: fc.nat(2 ** 40),
    }),
    { maxLength: 5 },
  ),
});

it('a release comes back as it was packed', () => {
  fc.assert(
    fc.property(release, (one) => {
      expect(unpackRelease(packRelease(one))).toEqual(one);
    }),
  );
});
