import { expect, it } from 'vitest';
import { circuitWaitMs, retryWaitMs, triesMax } from './retry-schedule.ts';

const waits = (chance: number) =>
  Array.from({ length: triesMax - 1 }, (_, failed) => retryWaitMs(failed + 1, chance)!);
const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
const hours = 3_600_000;

it('tries ten times over three days at least, the second one after seconds', () => {
  expect(waits(0)).toHaveLength(9);
  expect(waits(0)[0]).toBe(5_000);
  expect(sum(waits(0)) / hours).toBeGreaterThanOrEqual(72);
  expect(sum(waits(1)) / hours).toBeLessThan(96);
  expect(waits(0).toSorted((a, b) => a - b)).toEqual(waits(0));
});

it('ends after the last try', () => {
  expect(retryWaitMs(triesMax)).toBeNull();
});

it('leaves a receiver alone from the fifth failure in a row on, for five minutes at most', () => {
  expect([1, 4, 5, 6, 10, 11, 5_000].map(circuitWaitMs)).toEqual([
    0, 0, 5_000, 10_000, 160_000, 300_000, 300_000,
  ]);
});
