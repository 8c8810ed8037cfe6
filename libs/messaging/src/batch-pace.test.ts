import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BatchPace } from './batch-pace.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** Whether a batch may be taken once this much time has passed. */
async function isReadyAfter(pace: BatchPace, ms: number): Promise<boolean> {
  let ready = false;
  void pace.gather().then(() => (ready = true));
  await vi.advanceTimersByTimeAsync(ms);
  return ready;
}

it('lets the first batch, and one after a pause, be taken at the end of the turn', async () => {
  const pace = new BatchPace(10);
  expect(await isReadyAfter(pace, 0)).toBe(true);
  pace.ended();
  await vi.advanceTimersByTimeAsync(11);
  expect(await isReadyAfter(pace, 0)).toBe(true);
});

it('lets what comes on the heels of a batch gather', async () => {
  const pace = new BatchPace(10);
  await vi.advanceTimersByTimeAsync(100);
  pace.ended();
  await vi.advanceTimersByTimeAsync(4);
  expect(await isReadyAfter(pace, 5)).toBe(false);
  expect(await isReadyAfter(pace, 2)).toBe(true);
});
