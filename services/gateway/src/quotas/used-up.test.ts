import { expect, it } from 'vitest';
import { UsedUp } from './used-up.ts';

it('a quota is remembered as used up until its end', () => {
  const usedUp = new UsedUp();
  expect(usedUp.secondsLeft('a', 0)).toBeNull();
  usedUp.note('a', 60, 0);
  expect(usedUp.secondsLeft('a', 500)).toBe(60);
  expect(usedUp.secondsLeft('a', 59_999)).toBe(1);
  expect(usedUp.secondsLeft('a', 60_000)).toBeNull();
  expect(usedUp.secondsLeft('b', 0)).toBeNull();
});

it('more of them than are remembered drive the first ones out', () => {
  const usedUp = new UsedUp();
  for (let at = 0; at <= 10_000; at += 1) usedUp.note(`key ${at}`, 60, 0);
  expect(usedUp.secondsLeft('key 0', 0)).toBeNull();
  expect(usedUp.secondsLeft('key 10000', 0)).toBe(60);
});
