import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BatchPace } from './batch-pace.ts';

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] }),
);
afterEach(() => void vi.useRealTimers());

/** Time passes, and the turn of the event loop that it ends in. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await vi.advanceTimersByTimeAsync(0);
}

/** Begins to gather. @returns whether the batch may be taken by now. */
function gather(pace: BatchPace): () => boolean {
  let ready = false;
  void pace.gather().then(() => (ready = true));
  return () => ready;
}

/** A batch that takes this long. */
async function batch(pace: BatchPace, ms: number): Promise<void> {
  pace.add();
  const isReady = gather(pace);
  await pass(0);
  expect(isReady()).toBe(true);
  await pass(ms);
  pace.ended();
}

it('lets the first batch, and one after a pause, be taken at the end of the turn', async () => {
  const pace = new BatchPace(10);
  await batch(pace, 50);
  await pass(11);
  pace.add();
  const isReady = gather(pace);
  expect(isReady()).toBe(false);
  await pass(0);
  expect(isReady()).toBe(true);
});

it.each([
  { took: 4, restMs: 4 },
  { took: 50, restMs: 10 },
])('lets what comes on the heels of a batch of $took ms gather for $restMs ms', async ({ took, restMs }) => {
  const pace = new BatchPace(10);
  await batch(pace, took);
  pace.add();
  const isReady = gather(pace);
  await pass(restMs - 1);
  expect(isReady()).toBe(false);
  await pass(1);
  expect(isReady()).toBe(true);
});

it('lets events that came during a batch gather, too', async () => {
  const pace = new BatchPace(10);
  pace.add();
  gather(pace);
  await pass(6);
  pace.add();
  pace.ended();
  const isReady = gather(pace);
  await pass(5);
  expect(isReady()).toBe(false);
  await pass(1);
  expect(isReady()).toBe(true);
});

it('starts a batch of deferrable events after a while', async () => {
  const pace = new BatchPace(10);
  pace.add(true);
  const isReady = gather(pace);
  await pass(60);
  pace.add(true);
  await pass(39);
  expect(isReady()).toBe(false);
  await pass(1);
  expect(isReady()).toBe(true);
});

it('deferrable events join the batch of an urgent one', async () => {
  const pace = new BatchPace(10);
  pace.add(true);
  const isReady = gather(pace);
  await pass(20);
  pace.add();
  await pass(0);
  expect(isReady()).toBe(true);
});

it('takes a full batch at once', async () => {
  const pace = new BatchPace(10);
  await batch(pace, 10);
  pace.add(true);
  const isReady = gather(pace);
  await pass(1);
  pace.full();
  await pass(0);
  expect(isReady()).toBe(true);
});

it('waits for something to come', async () => {
  const pace = new BatchPace(10);
  const isReady = gather(pace);
  await pass(1_000);
  expect(isReady()).toBe(false);
  pace.add();
  await pass(0);
  expect(isReady()).toBe(true);
});
