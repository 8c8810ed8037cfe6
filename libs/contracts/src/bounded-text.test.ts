import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundedText } from './bounded-text.ts';

it('leaves ordinary text alone', () => {
  expect(boundedText('Größe 📦\n\tline', 100)).toBe('Größe 📦\n\tline');
});

it('replaces characters that databases and encoders refuse, also where the cut makes one', () => {
  expect(boundedText('a\u0000b\u001b[31m\ud800', 100)).toBe('a\ufffdb\ufffd[31m\ufffd');
  expect(boundedText('ab📦', 3)).toBe('ab\ufffd');
});

it('replaces characters that turn text around or move a cursor', () => {
  expect(boundedText('a\u202eb\u2066c\u009b31m\u007f', 100)).toBe('a\ufffdb\ufffdc\ufffd31m\ufffd');
});

it('is bounded, and survives a trip through UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(50), (text, max) => {
      const bounded = boundedText(text, max);
      expect(bounded.length).toBeLessThanOrEqual(max);
      expect(Buffer.from(bounded).toString()).toBe(bounded);
      expect(bounded).not.toContain('\u0000');
    }),
  );
});
