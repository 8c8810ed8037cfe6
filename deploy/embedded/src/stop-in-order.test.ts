import { expect, it } from 'vitest';
import { stopInOrder } from './stop-in-order.ts';

const ignore = () => undefined;

it('stops in reverse order, each after the one before has stopped', async () => {
  const events: string[] = [];
  const part = (name: string) => ({
    name,
    stop: async () => {
      events.push(`${name} asked`);
      await Promise.resolve();
      events.push(`${name} stopped`);
    },
  });
  expect(await stopInOrder([part('a'), part('b')], { eachMs: 60_000, allMs: 60_000 }, ignore)).toEqual([]);
  expect(events).toEqual(['b asked', 'b stopped', 'a asked', 'a stopped']);
});

it('goes on without a part that hangs, and names it', async () => {
  const asked: string[] = [];
  const hanging = { name: 'hangs', stop: () => new Promise<void>(() => asked.push('hangs')) };
  const quick = { name: 'quick', stop: async () => void asked.push('quick') };
  expect(await stopInOrder([quick, hanging], { eachMs: 5, allMs: 10 }, ignore)).toEqual(['hangs']);
  expect(asked).toEqual(['hangs', 'quick']);
});

it('goes on when a part fails to stop, and says so', async () => {
  const lines: string[] = [];
  const failing = { name: 'broken', stop: () => Promise.reject(new Error('no disk')) };
  await stopInOrder([failing], { eachMs: 1_000, allMs: 1_000 }, (line) => lines.push(line));
  expect(lines).toEqual([expect.stringMatching(/broken.*no disk/)]);
});
