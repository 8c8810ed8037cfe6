import { describe, expect, test } from 'vitest';
import { simpleRegex } from './operators.ts';

const of = (pattern: string) => simpleRegex({ pattern, flags: 'g' });

describe('patterns of evaluated code', () => {
  test.each(['a', 'x.y', String.raw`\d`, '[^a-z]+', String.raw`\\x[0-9]{2}`, String.raw`\.$`])(
    '%s is taken',
    (one) => {
      expect(of(one).source).toBe(one);
    },
  );

  test.each(['(a+)+', 'a*b', 'a|b', '(?=a)', 'a'.repeat(101)])('%s is not', (one) => {
    expect(() => of(one)).toThrow();
  });

  test('a long one is read in linear time', () => {
    expect(() => of(`${String.raw`.\.a`.repeat(24)}(`)).toThrow();
  });
});
