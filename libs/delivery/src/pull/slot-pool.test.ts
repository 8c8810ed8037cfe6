import { lanes, type Lane } from '@sluice/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SlotPool } from './slot-pool.ts';

it('keeps a quarter of the slots, at least one, from bulk', () => {
  const reserved = [1, 2, 3, 4, 8, 32, 400].map((total) => new SlotPool(total).reserved);
  expect(reserved).toEqual([1, 1, 1, 1, 2, 8, 100]);
  for (const total of [1, 2, 4, 32]) {
    const slots = new SlotPool(total);
    slots.ask('bulk', slots.free('bulk'));
    expect(slots.free('bulk')).toBe(0);
    expect(slots.free('interactive')).toBe(slots.reserved);
  }
});

it('lets interactive messages have every slot', () => {
  const slots = new SlotPool(8);
  expect(slots.free('interactive')).toBe(8);
  slots.ask('interactive', 8);
  expect(slots.free('bulk')).toBe(0);
});

it('counts a slot once, from asking to the end of the work', () => {
  const slots = new SlotPool(4);
  slots.ask('bulk', 2);
  slots.begin('bulk');
  expect([slots.asked('bulk'), slots.running(), slots.free('bulk')]).toEqual([1, 1, 1]);
  slots.unask('bulk', 1);
  slots.end('bulk');
  expect([slots.asked('bulk'), slots.running(), slots.free('bulk')]).toEqual([0, 0, 3]);
});

type Step = { do: 'pull' | 'arrive' | 'expire' | 'finish'; lane: Lane; share: number };

/** What a puller does with the pool, in any order: it only ever asks for what is free. */
function apply(slots: SlotPool, running: Record<Lane, number>, { do: action, lane, share }: Step): void {
  if (action === 'pull') slots.ask(lane, Math.ceil(slots.free(lane) * share));
  else if (action === 'expire') slots.unask(lane, Math.floor(slots.asked(lane) * share));
  else if (action === 'arrive' && slots.asked(lane) > 0) {
    slots.begin(lane);
    running[lane] += 1;
  } else if (action === 'finish' && running[lane] > 0) {
    slots.end(lane);
    running[lane] -= 1;
  }
}

it('never has more slots held than there are, nor bulk in the reserved ones', () => {
  const step = fc.record({
    do: fc.constantFrom('pull' as const, 'arrive' as const, 'expire' as const, 'finish' as const),
    lane: fc.constantFrom(...lanes),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.array(step, { maxLength: 100 }), (total, steps) => {
      const slots = new SlotPool(total);
      const running = { interactive: 0, bulk: 0 };
      for (const each of steps) {
        apply(slots, running, each);
        const bulk = running.bulk + slots.asked('bulk');
        const held = bulk + running.interactive + slots.asked('interactive');
        expect(held).toBeLessThanOrEqual(slots.total);
        expect(bulk).toBeLessThanOrEqual(slots.total - slots.reserved);
        expect(slots.free('interactive')).toBe(slots.total - held);
        expect(slots.running()).toBe(running.bulk + running.interactive);
      }
    }),
  );
});
