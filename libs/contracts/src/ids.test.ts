import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { eventId, uuidBytes, uuidV5, uuidV7 } from './ids.ts';

it('makes the UUIDv5 that RFC 9562 gives as its example (appendix A.4)', () => {
  const dns = uuidBytes('6ba7b810-9dad-11d1-80b4-00c04fd430c8');
  expect(uuidV5('www.example.com', dns)).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
});

it('gives the same fact the same id, and every other fact another', () => {
  const fact = fc.tuple(fc.uuid(), fc.constantFrom('pkg.licensed', 'pkg.scanned'), fc.nat(5));
  fc.assert(
    fc.property(fact, fact, (a, b) => {
      const same = a.every((part, index) => part === b[index]);
      expect(eventId(...a) === eventId(...b)).toBe(same);
      expect(eventId(...a)).toBe(eventId(...a));
      expect(z.uuid().safeParse(eventId(...a)).success).toBe(true);
    }),
  );
});

it('makes UUIDv7s that sort by their time and differ within it', () => {
  const moment = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      const [first, second] = [uuidV7(a), uuidV7(b)];
      expect(z.uuidv7().safeParse(first).success).toBe(true);
      expect(Number.parseInt(first.replaceAll('-', '').slice(0, 12), 16)).toBe(a);
      if (a !== b) expect(first < second).toBe(a < b);
      else expect(first).not.toBe(second);
    }),
  );
});
