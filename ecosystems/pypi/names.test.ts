import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pypiNames } from './names.ts';
import { askPython } from './test/python.ts';
import { normaliseVersion } from './versions.ts';

/** Recorded from `packaging` 26.4: each version is lower than those of the next line, and equal to those of its own. */
const ascending = [
  ['0.dev0'],
  ['0', '0.0', '00'],
  ['1.0.dev456', '1.0.0.DEV456', '1.dev456'],
  ['1.0a1.dev1'],
  ['1.0a1', '1.0-alpha.1', '1.0A1', '1.0.0a01'],
  ['1.0a2.dev456'],
  ['1.0a12'],
  ['1.0b1.dev456', '1.0beta1.dev456'],
  ['1.0b2'],
  ['1.0b2.post345.dev456'],
  ['1.0b2.post345', '1.0b2-345'],
  ['1.0rc1', '1.0c1', '1.0.pre1', '1.0-preview_1'],
  ['1.0', 'v1.0', '1', '1.0.0.0'],
  ['1.0+abc.5'],
  ['1.0+abc.7', '1.0+ABC-7', '1.0+abc_7'],
  ['1.0+5'],
  ['1.0.post0.dev1'],
  ['1.0.post456.dev34'],
  ['1.0.post456', '1.0-456', '1.0-r456', '1.0.rev456'],
  ['1.1.dev1'],
  ['1.2', '1.02'],
  ['1.10'],
  ['20240131235959'],
  ['20240131235960'],
  ['1!0.5'],
];

describe('versions of PyPI', () => {
  const all = ascending.flatMap((equal, rank) => equal.map((version) => ({ version, rank })));

  it('have the recorded order, in every spelling', () => {
    for (const a of all) {
      for (const b of all) {
        const found = Math.sign(pypiNames.compareVersions(a.version, b.version)!);
        expect([a.version, b.version, found]).toEqual([a.version, b.version, Math.sign(a.rank - b.rank)]);
      }
    }
  });

  it.each([
    '١.٢',
    '1.0\n',
    ' 1.0',
    '1..0',
    '1.0+',
    '1.0+a..b',
    '==1.0',
    '9007199254740993',
    '1.0+9007199254740993',
  ])('%j is none', (text) => {
    expect(pypiNames.isVersion(text)).toBe(false);
    expect(pypiNames.compareVersions(text, '1.0')).toBeNull();
  });

  it.each([
    ['v1.0-RC.1', '1.0rc1'],
    ['1.0-1', '1.0.post1'],
    ['01.02', '1.2'],
    ['1.0.0', '1.0.0'],
    ['1.0+CU-12_1', '1.0+cu.12.1'],
    ['latest', null],
  ])('%j is written as %j', (text, normalised) => expect(normaliseVersion(text)).toBe(normalised));

  it('are ordered and written as packaging does', ({ skip }) => {
    const pairs = fc.sample(fc.tuple(versionText, versionText), { numRuns: 3_000, seed: 440 });
    const known = askPython(
      `import json, sys
from packaging.version import Version
def sign(a, b): return (a > b) - (a < b)
print(json.dumps([[sign(Version(a), Version(b)), str(Version(a))] for a, b in json.load(sys.stdin)]))`,
      pairs,
    );
    skip(known === null, 'python3 has no module "packaging"');
    const found = pairs.map(([a, b]) => [Math.sign(pypiNames.compareVersions(a, b)!), normaliseVersion(a)]);
    expect(found).toEqual(known);
  });
});

const few = fc.integer({ min: 0, max: 3 }).map(String);
const some = (...texts: string[]) => fc.constantFrom('', ...texts);
const label = (names: fc.Arbitrary<string>) =>
  fc.tuple(some('.', '-', '_'), names, fc.oneof(fc.constant(''), few)).map((parts) => parts.join(''));
const optional = (text: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), text);

/** Texts of PEP 440's grammar in all their spellings, close enough to each other to be compared. */
const versionText = fc
  .tuple(
    some('v', 'V'),
    optional(few.map((epoch) => `${epoch}!`)),
    fc.array(few, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.')),
    optional(label(fc.constantFrom('a', 'b', 'rc', 'c', 'alpha', 'beta', 'pre', 'preview', 'RC'))),
    optional(
      fc.oneof(
        label(fc.constantFrom('post', 'rev', 'r')),
        few.map((post) => `-${post}`),
      ),
    ),
    optional(label(fc.constant('dev'))),
    optional(
      fc
        .array(fc.constantFrom('0', '1', '010', '1e1', '0x1', 'a', 'abc', 'B'), {
          minLength: 1,
          maxLength: 3,
        })
        .chain((parts) => fc.constantFrom('.', '-', '_').map((separator) => `+${parts.join(separator)}`)),
    ),
  )
  .map((parts) => parts.join(''));
