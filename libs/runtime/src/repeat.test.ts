import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Logger } from './logger.ts';
import { repeat } from './repeat.ts';

function testContext() {
  const lines: string[] = [];
  const note = (_: object, text: string) => void lines.push(text);
  const steps: (() => Promise<void> | void)[] = [];
  const log = { warn: note, info: note } as unknown as Logger;
  return {
    context: { log, onStop: (_: string, stop: () => Promise<void> | void) => void steps.push(stop) },
    lines,
    stop: async () => {
      for (const step of steps) await step();
    },
  };
}

it('runs never overlap, and stopping waits for the run in progress', async () => {
  const { context, stop } = testContext();
  let running = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  repeat(context, {
    name: 'work',
    everyMs: 1,
    run: async () => {
      most = Math.max(most, (running += 1));
      await new Promise<void>((end) => ends.push(end));
      running -= 1;
    },
  });
  while (ends.length < 3) {
    ends.at(-1)?.();
    await turn();
  }
  let stopped = false;
  const stopping = stop().then(() => (stopped = true));
  await turn();
  expect(stopped).toBe(false);
  ends.at(-1)!();
  await stopping;
  expect({ most, runs: ends.length }).toEqual({ most: 1, runs: 3 });
});

it('a failure is logged once for its kind, until a run succeeds', async () => {
  const { context, lines, stop } = testContext();
  const outcomes = ['away', 'away', 'full', null, 'full'];
  let runs = 0;
  await new Promise<void>((done) => {
    repeat(context, {
      name: 'work',
      everyMs: 1,
      run: async () => {
        const outcome = outcomes[runs];
        runs += 1;
        if (runs > outcomes.length) done();
        else if (outcome) throw new Error(outcome);
      },
    });
  });
  await stop();
  const failed = 'work: failed, and is tried again';
  expect(lines.slice(0, 4)).toEqual([failed, failed, 'work: works again', failed]);
});

it('the first run waits for its time, and never comes when the service stops before', async () => {
  const { context, stop } = testContext();
  let runs = 0;
  repeat(context, { name: 'work', everyMs: 1, firstMs: 60_000, run: async () => (runs += 1) });
  await stop();
  expect(runs).toBe(0);
});
