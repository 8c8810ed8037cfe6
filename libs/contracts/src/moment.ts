import { z } from 'zod';

/** Longer than any moment that is written with sense; fractions of a second have no end of their own. */
const lengthMax = 40;
const firstMs = Date.UTC(1970, 0, 1);
const endMs = Date.UTC(10_000, 0, 1);
/** No place on Earth is further from UTC, in hours; Postgres refuses offsets from 16 on. */
const offsetMax = 14;

/**
 * A moment as people and programs write it: RFC 3339 with its offset, a day of the real calendar, from 1970 to 9999.
 * Postgres refuses others, such as the year 0.
 */
export const momentSchema = z.iso
  .datetime({
    offset: true,
    abort: true,
    error: 'must be a date and time with its offset, such as 2026-03-01T09:30:00Z',
  })
  .max(lengthMax)
  .refine(
    (text) => {
      const time = Date.parse(text);
      const [hours, minutes] = /[+-](\d\d):(\d\d)$/.exec(text)?.slice(1).map(Number) ?? [0, 0];
      return time >= firstMs && time < endMs && hours! + minutes! / 60 <= offsetMax;
    },
    { error: 'must be a moment from 1970 to 9999, with an offset of at most 14 hours' },
  );
