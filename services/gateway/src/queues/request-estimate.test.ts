import { expect, it } from 'vitest';
import { estimate } from './request-estimate.ts';

const open = { itemCount: 100, endedItems: 40, completedAt: null };

it.each([
  ['goes on steadily', open, { count: 60, seconds: 30 }, false, { ratePerSecond: 2, etaSeconds: 30 }],
  ['has only begun', open, { count: 60, seconds: 3 }, false, { ratePerSecond: 20, etaSeconds: null }],
  [
    'has its last ones left',
    open,
    { count: 1, seconds: 30 },
    false,
    { ratePerSecond: 1 / 30, etaSeconds: null },
  ],
  ['is held up', open, { count: 60, seconds: 30 }, true, { ratePerSecond: 2, etaSeconds: null }],
  ['does nothing', open, { count: 0, seconds: 30 }, false, { ratePerSecond: 0, etaSeconds: null }],
  [
    'has ended',
    { ...open, completedAt: '2026-03-01T09:30:00.000Z' },
    { count: 9, seconds: 30 },
    false,
    { ratePerSecond: null, etaSeconds: null },
  ],
])('a request that %s', (_, request, recent, isHeldUp, expected) => {
  expect(estimate(request, recent, isHeldUp)).toEqual(expected);
});
