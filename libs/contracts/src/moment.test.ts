import fc from 'fast-check';
import { expect, it } from 'vitest';
import { momentSchema } from './moment.ts';

const isMoment = (text: string) => momentSchema.safeParse(text).success;

it.each([
  '2026-03-01T09:30:00Z',
  '2028-02-29T23:59:59.999Z',
  '2026-03-01T09:30:00+14:00',
  '2026-03-01T09:30:00.123456-08:00',
])('%s is a moment', (text) => {
  expect(isMoment(text)).toBe(true);
});

it.each([
  'tomorrow',
  '2026-03-01',
  '2026-03-01T09:30:00',
  '2026-02-30T00:00:00Z',
  '2027-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-03-01T24:00:00Z',
  '2026-03-01T23:59:60Z',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+14:00',
  '1969-12-31T23:59:59Z',
  '9999-12-31T23:59:59-14:00',
  '2026-03-01T09:30:00+15:59',
  '2026-03-01T09:30:00+14:30',
  '2026-03-01T09:30:00+23:59',
  `2026-03-01T09:30:00.${'1'.repeat(50)}Z`,
  '+02026-03-01T09:30:00Z',
  ' 2026-03-01T09:30:00Z',
])('%s is none', (text) => {
  expect(isMoment(text)).toBe(false);
});

it('is every date that JavaScript writes, within its years', () => {
  const options = { min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true };
  fc.assert(fc.property(fc.date(options), (date) => isMoment(date.toISOString())));
});
