import { expect, it } from 'vitest';
import { renderQueues } from './system.ts';

const page = { items: [], nextCursor: null, deadLetters: { dlq: 2, parked: 1 }, circuits: [], controls: [] };

it('the queues say how full the window of bulk work is', () => {
  const shown = renderQueues({ ...page, bulk: { waiting: 4_800, running: 200, runningMax: 200 } });
  expect(shown).toContain('Bulk: 200 of at most 200 in flight; 4800 wait for their turn.\nDead letters: 2;');
});

it('the queues say nothing of the window before the aggregator has answered', () => {
  expect(renderQueues({ ...page, bulk: null })).not.toContain('Bulk');
});
