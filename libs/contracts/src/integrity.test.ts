import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pinMatches, strongestHashes } from './integrity.ts';

const hex = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');
const sri = (algorithm: string, text: string) =>
  `${algorithm}-${createHash(algorithm).update(text).digest('base64')}`;
const digestsOf = (text: string) => ({
  sha1: hex('sha1', text),
  sha256: hex('sha256', text),
  sha512: hex('sha512', text),
});
const digests = digestsOf('right');

describe('pinMatches', () => {
  it.each(['sha1', 'sha256', 'sha512'])('compares %s', (algorithm) => {
    expect(pinMatches(sri(algorithm, 'right'), digests)).toBe('match');
    expect(pinMatches(sri(algorithm, 'wrong'), digests)).toBe('mismatch');
  });

  it('lets the strongest algorithm decide alone', () => {
    expect(pinMatches(`${sri('sha1', 'right')} ${sri('sha512', 'wrong')}`, digests)).toBe('mismatch');
    expect(pinMatches(`${sri('sha512', 'right')} ${sri('sha1', 'wrong')}`, digests)).toBe('match');
  });

  it('takes any of several hashes of one algorithm', () => {
    expect(pinMatches(`${sri('sha512', 'wrong')} ${sri('sha512', 'right')}`, digests)).toBe('match');
  });

  it('does not know what it cannot compare', () => {
    expect(pinMatches(sri('sha384', 'right'), digests)).toBe('unknown');
    expect(pinMatches(`${sri('sha384', 'right')} ${sri('sha1', 'right')}`, digests)).toBe('unknown');
    expect(pinMatches(sri('sha384', 'right'), { ...digests, sha384: hex('sha384', 'right') })).toBe('match');
    for (const junk of [
      '',
      ' ',
      'md5-abc',
      'sha512-',
      'sha512-AAAA',
      'sha512',
      '10c0/abcdef',
      '-',
      'sha1-='.repeat(9999),
    ]) {
      expect(pinMatches(junk, digests)).toBe('unknown');
    }
  });

  it('passes over options and damaged hashes beside good ones', () => {
    expect(pinMatches(`sha512-AAAA ${sri('sha256', 'right')}?foo`, digests)).toBe('match');
  });

  it('matches exactly the bytes that were pinned', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.constantFrom('sha1', 'sha256', 'sha512'),
        (a, b, algorithm) => {
          expect(pinMatches(sri(algorithm, a), digestsOf(b))).toBe(a === b ? 'match' : 'mismatch');
        },
      ),
    );
  });
});

describe('strongestHashes', () => {
  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void strongestHashes(text)));
  });
});
