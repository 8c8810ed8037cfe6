import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { statedHashes } from '@sluice/contracts';
import { describe, expect, it } from 'vitest';
import { digestingStream } from './byte-digests.ts';
import { verifyStatement } from './verify-statement.ts';

const sri = (algorithm: string, text: string) =>
  `${algorithm}-${createHash(algorithm).update(text).digest('base64')}`;
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

async function digestsOf(text: string) {
  const digesting = digestingStream();
  await pipeline([Buffer.from(text.slice(0, 2)), Buffer.from(text.slice(2))], digesting, async (bytes) => {
    for await (const _chunk of bytes);
  });
  expect(digesting.sizeBytes()).toBe(text.length);
  return digesting.digests();
}

describe('verifyStatement', () => {
  it.each(['sha512', 'sha384', 'sha256', 'sha1'] as const)('verifies with %s', async (algorithm) => {
    const digests = await digestsOf('right');
    expect(
      verifyStatement(statedHashes({ integrity: sri(algorithm, 'right'), shasum: null }), digests),
    ).toEqual({
      matches: true,
      algorithm,
    });
    expect(
      verifyStatement(statedHashes({ integrity: sri(algorithm, 'wrong'), shasum: null }), digests),
    ).toMatchObject({
      matches: false,
      algorithm,
    });
  });

  it('needs the shasum only where there is no usable integrity', async () => {
    const digests = await digestsOf('right');
    expect(
      verifyStatement(statedHashes({ integrity: null, shasum: sha1('right').toUpperCase() }), digests),
    ).toEqual({
      matches: true,
      algorithm: 'sha1',
    });
    expect(
      verifyStatement(statedHashes({ integrity: 'junk', shasum: sha1('wrong') }), digests),
    ).toMatchObject({
      matches: false,
    });
    expect(
      verifyStatement(statedHashes({ integrity: sri('sha512', 'wrong'), shasum: sha1('right') }), digests),
    ).toMatchObject({ matches: false });
    expect(
      verifyStatement(statedHashes({ integrity: sri('sha512', 'right'), shasum: sha1('wrong') }), digests),
    ).toMatchObject({ matches: true });
  });

  it('says that nothing was stated', async () => {
    expect(verifyStatement(statedHashes({ integrity: '', shasum: 'junk' }), await digestsOf('x!'))).toEqual({
      matches: true,
      algorithm: 'none',
    });
  });
});
