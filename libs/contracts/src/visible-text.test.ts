import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textFault, visibleText } from './visible-text.ts';

describe('text that people read', () => {
  it.each([
    'mira@example.org',
    'Only used at build time.',
    'Größe, naïve, 日本語, العربية, हिन्दी',
    'a 📦 and a ✔\ufe0f',
    '–',
  ])('%s is taken', (text) => {
    expect(textFault(text)).toBeNull();
  });

  it.each([
    ['NUL', 'x\u0000y', 'U+0000 at character 2'],
    ['an escape', '\u001b[2J', 'U+001B at character 1'],
    ['a line break', 'a\nb', 'U+000A'],
    ['DEL', 'a\u007f', 'U+007F'],
    ['C1', 'a\u009b31m', 'U+009B'],
    ['right-to-left override', 'a\u202eb', 'U+202E'],
    ['isolate', 'a\u2066b', 'U+2066'],
    ['Arabic letter mark', 'a\u061cb', 'U+061C'],
    ['zero width space', 'a\u200bb', 'U+200B'],
    ['joiner', 'a\u200db', 'U+200D'],
    ['byte-order mark', '\ufeffa', 'U+FEFF'],
    ['soft hyphen', 'a\u00adb', 'U+00AD'],
    ['tag', 'a\u{e0041}', 'U+E0041'],
    ['Hangul filler', '\u3164', 'U+3164'],
    ['variation selector of a letter', 'a\ufe0f', 'U+FE0F'],
    ['line separator', 'a\u2028b', 'U+2028'],
    ['half a surrogate pair', 'a\ud800b', 'U+D800'],
    ['noncharacter', 'a\uffff', 'U+FFFF'],
  ])('%s is refused and named', (_, text, named) => {
    expect(textFault(text)).toContain(named);
  });

  it.each(['', ' ', '\u00a0\u3000', '\u2800'])('%j is blank', (text) => {
    expect(textFault(text)).toBe('is blank');
  });

  it('refuses every control and every bidirectional character wherever it stands', () => {
    const hidden = fc.oneof(
      fc.integer({ min: 0, max: 0x1f }),
      fc.integer({ min: 0x7f, max: 0x9f }),
      fc.constantFrom(0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e),
      fc.integer({ min: 0x2066, max: 0x2069 }),
    );
    fc.assert(
      fc.property(fc.string(), hidden, fc.string(), (before, code, after) => {
        expect(textFault(`${before}${String.fromCodePoint(code)}${after}`)).not.toBeNull();
      }),
    );
  });

  it('survives a trip through UTF-8 and JSON when it is taken', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        fc.pre(textFault(text) === null);
        expect(Buffer.from(text).toString()).toBe(text);
        expect(text).not.toContain('\u0000');
      }),
    );
  });

  it('is bounded', () => {
    expect(visibleText(3).safeParse('abc').success).toBe(true);
    expect(visibleText(3).safeParse('abcd').success).toBe(false);
  });
});
