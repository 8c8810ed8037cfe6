import { expect, it } from 'vitest';
import { anItem, at } from '../../test/answers.ts';
import { renderItems, standing } from './items.ts';

const open = { state: 'download', attempt: 1, queuePosition: null, bytes: null, lastError: null } as const;
const lastError = {
  stage: 'download',
  counted: false,
  failedAt: at,
  code: 'registry.unavailable',
  detail: 'registry.example answered 503.',
  stageAttempt: 2,
  nextTryAt: '2026-03-01T09:31:00.000Z',
  worker: 'host:1',
};

it.each([
  ['before its assessment', { ...open, state: 'queued', attempt: null }, 'queued'],
  [
    'in work',
    { ...open, queuePosition: 0, bytes: { received: 12_345_678, total: 104_857_600 } },
    'download, 12.3 of 104.9 MB',
  ],
  [
    'in work, of unknown size',
    { ...open, queuePosition: 0, bytes: { received: 4_200, total: null } },
    'download, 4.2 kB',
  ],
  ['in the queue', { ...open, queuePosition: 12 }, 'download, about place 12 in its queue'],
  ['in work, driven again', { ...open, queuePosition: 0, attempt: 2 }, 'download, handed out, run 2'],
  [
    'waiting for another try',
    { ...open, queuePosition: 0, lastError },
    'download, attempt 2 on host:1 failed: registry.unavailable  registry.example answered 503; next try 2026-03-01T09:31:00.000Z',
  ],
])('says where something stands: %s', (_, item, text) => {
  expect(standing(item)).toBe(text);
});

it('has a row for each item, and lets none of them speak to the terminal', () => {
  const items = [
    anItem(),
    anItem({
      ...open,
      name: 'longer',
      version: null,
      outcome: null,
      lastError: { ...lastError, detail: '\u001b[2J' },
    }),
  ];
  const [first, second] = renderItems(items).split('\n');
  expect(first).toBe('a@1.0.0  approve');
  expect(second).toMatch(/^longer {3}download, attempt 2/);
  expect(second).not.toContain('\u001b');
});
