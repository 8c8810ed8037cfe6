import { expect, it } from 'vitest';
import { parseRetryAfter, retryAfterMaxMs } from './retry-after.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

it.each<[string | undefined, number | undefined]>([
  ['0', 0],
  ['120', 120_000],
  [' 5 ', 5_000],
  ['999999999', retryAfterMaxMs],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ['Fri, 01 Jan 2027 00:00:00 GMT', retryAfterMaxMs],
  ['-5', 0],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('reads %j as %j ms', (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected);
});
