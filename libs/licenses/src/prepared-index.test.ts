import { expect, test } from 'vitest';
import { buildLicenseIndex, buildSpdxIndex } from './license-index.ts';
import { decodeIndex, encodeIndex } from './prepared-index.ts';

const key = Buffer.alloc(32, 7);
const small = buildLicenseIndex(
  [
    ['A', 'Permission is granted to use this'],
    ['B', 'Redistribution is permitted with this notice, with this notice'],
  ],
  ['How to apply these terms'],
);

test('a prepared index is the one that was built', () => {
  expect(decodeIndex(encodeIndex(small, key), key)).toEqual(small);
  const built = buildSpdxIndex();
  const { hashes, owners, counts, ids, sizes, appendices } = decodeIndex(encodeIndex(built, key), key)!;
  expect([ids, sizes, appendices]).toEqual([built.ids, built.sizes, built.appendices]);
  const bytes = (lists: ArrayBufferView[]) =>
    lists.map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
    );
  expect(bytes([hashes, owners, counts])).toEqual(bytes([built.hashes, built.owners, built.counts]));
});

test('a prepared index of other texts or other code is not taken', () => {
  expect(decodeIndex(encodeIndex(small, key), Buffer.alloc(32, 8))).toBeNull();
  expect(decodeIndex(Buffer.alloc(0), key)).toBeNull();
});

test('a prepared index that is cut off, or of another order of bytes, is not taken', () => {
  const whole = encodeIndex(small, key);
  const reversed = Buffer.from(whole);
  reversed.subarray(0, 4).reverse();
  expect(decodeIndex(reversed, key)).toBeNull();
  for (let length = 40; length < whole.length; length += 1)
    expect(() => decodeIndex(whole.subarray(0, length), key)).toThrow();
});
