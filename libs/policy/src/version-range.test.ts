import { expect, it } from 'vitest';
import { readVersionRange } from './version-range.ts';

/** Whole numbers as versions. */
const rules = {
  isVersion: (text: string) => /^\d+$/.test(text),
  compareVersions: (a: string, b: string) => (/^\d+$/.test(a) ? Number(a) - Number(b) : null),
};
const within = (range: string, ...versions: string[]) => versions.filter(readVersionRange(range, rules));

it.each([
  ['>=2 <4', ['2', '3']],
  ['>2', ['3', '4']],
  ['<=2', ['1', '2']],
  ['=2', ['2']],
  ['2', ['2']],
  ['  >1   <=3 ', ['2', '3']],
  ['<1 >4', []],
])('%s has %s of 1 to 4', (range, versions) => {
  expect(within(range, '1', '2', '3', '4')).toEqual(versions);
});

it('does not have a version that cannot be compared', () => {
  expect(within('>=0', 'one')).toEqual([]);
});

it.each(['', '^1', '>= 2', '1 || 2', '*', '>=x', Array.from({ length: 11 }, () => '>1').join(' ')])(
  'refuses "%s"',
  (range) => {
    expect(() => readVersionRange(range, rules)).toThrow(expect.objectContaining({ code: 'input.invalid' }));
  },
);
