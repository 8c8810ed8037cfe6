import fc from 'fast-check';
import { expect, it } from 'vitest';
import { retryDelayMs } from './retry-delay.ts';

it('doubles from the base and stops at a minute', () => {
  const ceilings = [1, 2, 3, 4, 7, 8, 1_000].map((attempt) => retryDelayMs(attempt, 1_000, 1));
  expect(ceilings).toEqual([1_000, 2_000, 4_000, 8_000, 60_000, 60_000, 60_000]);
});

it('spreads over the upper half', () => {
  expect(retryDelayMs(3, 1_000, 0)).toBe(2_000);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, baseMs, random) => {
        const delayMs = retryDelayMs(attempt, baseMs, random);
        const ceiling = retryDelayMs(attempt, baseMs, 1);
        expect(delayMs).toBeGreaterThanOrEqual(Math.floor(ceiling / 2));
        expect(delayMs).toBeLessThanOrEqual(ceiling);
        expect(ceiling).toBeLessThanOrEqual(60_000);
      },
    ),
  );
});
