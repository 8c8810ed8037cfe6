import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quotaOf } from './quota.ts';
import { readChecklists } from './read-checklists.ts';
import { nextTime, parseSchedule } from './schedule.ts';

it.each([
  ['every 15m', '2026-03-02T09:30:00Z', '2026-03-02T09:45:00Z'],
  ['every 6h', '2026-03-02T09:30:00Z', '2026-03-02T15:30:00Z'],
  ['daily 04:30', '2026-03-02T09:30:00Z', '2026-03-03T04:30:00Z'],
  ['daily 09:30', '2026-03-02T09:30:00Z', '2026-03-03T09:30:00Z'],
  ['daily 23:59', '2026-12-31T09:30:00Z', '2026-12-31T23:59:00Z'],
  // A Monday.
  ['weekly mon 09:31', '2026-03-02T09:30:00Z', '2026-03-02T09:31:00Z'],
  ['weekly sun 00:00', '2026-03-02T09:30:00Z', '2026-03-08T00:00:00Z'],
])('%s comes after %s at %s', (schedule, after, next) => {
  expect(nextTime(parseSchedule(schedule), new Date(after))).toEqual(new Date(next));
});

it.each([
  '',
  'every 1m',
  'every 0h',
  'every 32d',
  'every 6 h',
  'daily 24:00',
  'daily 4:30',
  'weekly 04:30',
  'weekly xxx 04:30',
  '* * * * *',
])('the schedule %j is refused', (text) => {
  expect(() => parseSchedule(text)).toThrow(/^schedule/);
});

it('the next time lies ahead, whatever the moment', () => {
  const schedule = fc.constantFrom('every 15m', 'every 31d', 'daily 00:00', 'weekly sat 23:59');
  fc.assert(
    fc.property(
      schedule,
      fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
      (text, after) => {
        const next = nextTime(parseSchedule(text), after).getTime() - after.getTime();
        expect(next > 0 && next <= 31 * 86_400_000).toBe(true);
      },
    ),
  );
});

it('a quota says what is left, and when one more is free', () => {
  const rule = { limit: 2, windowSeconds: 300 };
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  expect(quotaOf(rule, [])).toMatchObject({ remaining: 2, resetAt: null });
  expect(quotaOf(rule, [at(9)])).toMatchObject({ remaining: 1, resetAt: '2026-01-01T00:05:09.000Z' });
  expect(quotaOf(rule, [at(9), at(3)])).toMatchObject({ remaining: 0, resetAt: '2026-01-01T00:05:03.000Z' });
  // The limit was lowered.
  expect(quotaOf(rule, [at(1), at(2), at(3)])).toMatchObject({
    remaining: 0,
    resetAt: '2026-01-01T00:05:02.000Z',
  });
});

it('checklists are counted as Markdown shows them', () => {
  const text = [
    '# Plan',
    '- [ ] open',
    '  - [x] nested',
    '* [X] star',
    '+ [ ] plus',
    '1. [x] first',
    '2) [ ] second',
    '> - [ ] quoted',
    '- [] none',
    '-[ ] none',
    '- [y] none',
    '- [ ]',
    'text - [ ] none',
    '```',
    '- [ ] in code',
    '```',
    '~~~~md',
    '- [ ] in code',
    '~~~',
    '- [ ] still in code',
    '~~~~',
    '- [x] \u202eend',
  ].join('\r\n');
  const plan = readChecklists([{ path: 'PLAN.md', text }], ['TODO.md']);
  expect(plan).toMatchObject({ total: 8, done: 4, percent: 50, missing: ['TODO.md'] });
  expect(plan.tasks.at(-1)).toEqual({ path: 'PLAN.md', line: 22, text: '\\u{202e}end', done: true });
  expect(readChecklists([], ['a'])).toMatchObject({ total: 0, percent: null });
});
