import { expect, it } from 'vitest';
import { HostSlots } from './host-slots.ts';

const never = new AbortController().signal;

it('hands slots out in order, and none to who stopped waiting', async () => {
  const slots = new HostSlots(1);
  const order: string[] = [];
  const release = await slots.take('a.example', never);
  const leaver = new AbortController();
  const left = slots.take('a.example', leaver.signal);
  const second = slots.take('a.example', never).then((free) => {
    order.push('second');
    free();
  });
  const third = slots.take('a.example', never).then((free) => {
    order.push('third');
    free();
  });
  leaver.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  expect(order).toEqual([]);
  release();
  release();
  await Promise.all([second, third]);
  expect(order).toEqual(['second', 'third']);
});

it('lets other hosts pass a full one', async () => {
  const slots = new HostSlots(1);
  await slots.take('slow.example', never);
  (await slots.take('fast.example', never))();
});
