import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RateLimit } from './rate-limit.ts';

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

/** When each of several takes, begun at once, was allowed. */
async function takeAll(limit: RateLimit, counts: number[]): Promise<number[]> {
  const times: number[] = [];
  const taken = counts.map(async (count) => {
    await limit.take(count);
    times.push(Date.now());
  });
  await vi.runAllTimersAsync();
  await Promise.all(taken);
  return times;
}

it('lets the first pass at once, and each after it when those before have had their time', async () => {
  expect(await takeAll(new RateLimit(1_000), [500, 500, 100, 1])).toEqual([0, 500, 1_000, 1_100]);
});

it('does not save up unused time', async () => {
  const limit = new RateLimit(10);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await takeAll(limit, [10, 10])).toEqual([60_000, 61_000]);
});

it('does not make wait for nothing', async () => {
  const limit = new RateLimit(1);
  expect(await takeAll(limit, [100, 0])).toEqual([0, 0]);
});
