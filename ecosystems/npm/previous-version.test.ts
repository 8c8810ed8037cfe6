import { expect, it } from 'vitest';
import { previousVersion } from './previous-version.ts';

const times: Record<string, number> = {
  '1.0.0': 1,
  '2.0.0-beta.1': 2,
  '1.1.0': 3,
  '2.0.0': 4,
  '1.2.0': 5,
  '0.9.9': 6,
};
const previous = (version: string, publishedAt = (of: string): number | null => times[of] ?? null) =>
  previousVersion(version, Object.keys(times), publishedAt);

it.each([
  ['1.2.0', '1.1.0'],
  ['2.0.0', '1.1.0'],
  ['2.0.0-beta.1', '1.0.0'],
  ['1.1.0', '1.0.0'],
  ['1.0.0', null],
  ['not a version', null],
])('before %s came %s', (version, expected) => {
  expect(previous(version)).toBe(expected);
});

it('goes by the version alone where no times are known', () => {
  expect(previous('2.0.0', () => null)).toBe('1.2.0');
});
