import { createHash } from 'node:crypto';
import fc from 'fast-check';
import ssri from 'ssri';
import { describe, expect, it } from 'vitest';
import { integrityAlgorithms } from './integrity.ts';
import { comparePins, nameOneContent, readIntegrity } from './pins.ts';

const hex = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');
const sri = (algorithm: string, text: string) =>
  `${algorithm}-${createHash(algorithm).update(text).digest('base64')}`;
const digestsOf = (text: string) => ({
  sha1: hex('sha1', text),
  sha256: hex('sha256', text),
  sha384: hex('sha384', text),
  sha512: hex('sha512', text),
});
const { sha384: _, ...withoutSha384 } = digestsOf('right');
const compare = (integrity: string, ...files: string[]) =>
  comparePins(readIntegrity(integrity).pins, files.map(digestsOf));

describe('comparePins', () => {
  it.each([
    ['one file that has the hash', sri('sha512', 'right'), ['right'], 'match'],
    ['one file that has another hash', sri('sha512', 'wrong'), ['right'], 'mismatch'],
    ['a weak algorithm', sri('sha1', 'right'), ['right'], 'match'],
    [
      'a weak hash that fits and a strong one that does not',
      `${sri('sha1', 'right')} ${sri('sha512', 'wrong')}`,
      ['right'],
      'mismatch',
    ],
    [
      'a strong hash that fits and a weak one that does not',
      `${sri('sha512', 'right')} ${sri('sha1', 'wrong')}`,
      ['right'],
      'match',
    ],
    [
      'alternatives, the second fits',
      `${sri('sha512', 'wrong')} ${sri('sha512', 'right')}`,
      ['right'],
      'match',
    ],
    ['alternatives, none fits', `${sri('sha512', 'wrong')} ${sri('sha512', 'worse')}`, ['right'], 'mismatch'],
    ['several files, one has the hash', sri('sha256', 'right'), ['other', 'right'], 'match'],
    [
      'several files, each pinned',
      `${sri('sha256', 'wheel')} ${sri('sha256', 'sdist')}`,
      ['wheel', 'sdist'],
      'match',
    ],
    [
      'several files, one of the pinned ones assessed',
      `${sri('sha256', 'wheel')} ${sri('sha256', 'sdist')}`,
      ['sdist'],
      'match',
    ],
    ['several files, none has the hash', sri('sha256', 'wrong'), ['other', 'right'], 'mismatch'],
    ['no file', sri('sha512', 'right'), [], 'unreadable'],
    ['no hash', 'sha3-AAAA', ['right'], 'unreadable'],
    [
      'options and a damaged hash beside a good one',
      `sha512-AAAA ${sri('sha256', 'right')}?foo`,
      ['right'],
      'match',
    ],
  ])('%s', (_title, integrity, files, result) => {
    expect(compare(integrity, ...files)).toBe(result);
  });

  it('takes a content hash as an alternative to the hash of an archive', () => {
    const file = { ...digestsOf('right'), h1: ['aa', 'bb'] };
    const zip = (text: string) => ({ algorithm: 'sha256' as const, hex: hex('sha256', text) });
    const content = (found: string) => ({ algorithm: 'h1' as const, hex: found });
    expect(comparePins([content('bb')], [file])).toBe('match');
    expect(comparePins([content('cc'), zip('right')], [file])).toBe('match');
    expect(comparePins([content('aa'), zip('wrong')], [file])).toBe('match');
    expect(comparePins([content('cc'), zip('wrong')], [file])).toBe('mismatch');
    expect(comparePins([content('aa'), zip('wrong')], [digestsOf('right')])).toBe('unreadable');
  });

  it('cannot compare an algorithm that no file has a digest of, even if weaker hashes fit', () => {
    const { pins } = readIntegrity(`${sri('sha384', 'right')} ${sri('sha1', 'right')}`);
    expect(comparePins(pins, [withoutSha384])).toBe('unreadable');
    expect(comparePins(pins, [withoutSha384, digestsOf('right')])).toBe('match');
  });

  it('agrees with ssri, which npm compares with, for all hashes that both know', () => {
    const text = fc.constantFrom('a', 'b', 'c');
    const hash = fc.tuple(fc.constantFrom(...integrityAlgorithms), text, fc.constantFrom('', '?opt'));
    fc.assert(
      fc.property(fc.array(hash, { minLength: 1, maxLength: 6 }), text, (hashes, bytes) => {
        const integrity = hashes.map(([algorithm, of, option]) => sri(algorithm, of) + option).join(' ');
        const isFit = ssri.checkData(bytes, integrity) !== false;
        expect(compare(integrity, bytes)).toBe(isFit ? 'match' : 'mismatch');
      }),
    );
  });
});

describe('readIntegrity', () => {
  it('takes an integrity for readable exactly when each part is a hash and they name one content', () => {
    const good = sri('sha512', 'right');
    for (const one of [
      good,
      ` ${good}\n`,
      `${good} ${good}`,
      `${sri('sha1', 'other')} ${good}`,
      `${good}?foo`,
    ])
      expect(readIntegrity(one)).toMatchObject({ note: null });
    for (const junk of [
      '',
      ' ',
      'md5-abc',
      'sha512-',
      'sha512-AAAA',
      'sha512',
      '10c0/abcdef',
      'sha1-='.repeat(9999),
    ]) {
      const { pins, note } = readIntegrity(junk);
      expect([pins, note?.code]).toEqual([[], 'integrity.unreadable']);
    }
    for (const part of [`${good} sha3-AAAA`, `${good} ${sri('sha512', 'wrong')}`])
      expect(readIntegrity(part)).toMatchObject({
        pins: [{ algorithm: 'sha512', hex: hex('sha512', 'right') }, ...(part.includes('sha3') ? [] : [{}])],
        note: { message: `The pin "${part.slice(0, 100)}" cannot be compared with the bytes.` },
      });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void nameOneContent(readIntegrity(text).pins)));
  });
});
