import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QuickPattern } from './quick-pattern.ts';
import { requiredLiterals } from './required-literals.ts';

describe('required literals', () => {
  test.each<[RegExp, string[] | null]>([
    [/\bnpm_[A-Za-z0-9]{36}\b/, ['npm_']],
    [/(?:ab|cd)?\bcurl\b|wget/, ['curl', 'wget']],
    [/(?:\\x[23][0-9a-f]){8}/, [String.raw`\x2`, String.raw`\x3`]],
    [/['"]vm['"]/, [`'vm'`, `'vm"`, `"vm'`, `"vm"`]],
    [/process\b.{0,4}\benv/, ['process']],
    [/x{2,}yz/, null],
    [/(?:long|ab)/, null],
    [/(?:long)?[^a]/, null],
    [/(?=long)x/, null],
    [/[^"]{3}/, null],
    [/ſtraße/i, ['tra']],
    [/HTTPS/, ['https']],
    [/a{2}bb/, ['aabb']],
    [/axe.{0,3}long/, ['long']],
  ])('of %s', (pattern, literals) => {
    expect(requiredLiterals(pattern)).toEqual(literals);
  });
});

const patterns = [
  /\bfetch\(|\bhttps?["'`]?\)?\.request\(|new WebSocket\(/,
  /(?:curl|wget)\b[^|\n]{0,30}\|\s*(?:ba|z)?sh\b/i,
  /['"`](?:node:)?(?:https?|vm)['"`/](?!\s*:)/,
  /eval(?<![\w$.]eval)\s*(?:[(;,)]|\?\.)/,
  /(?:^|[\\/'"`~ ])\.(?:npmrc|netrc)\b/m,
  /[\ufe00-\ufe0f]{2}|\bx{3}/,
];
const pieces = [
  'fetch(',
  'FETCH(',
  'https',
  "'vm'",
  '`node:http`',
  'curl a | SH',
  'eval',
  'xxx',
  ' .npmrc',
  '\n',
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 20 }), fc.constant('é\ufe00\ufe01')))
  .map((parts) => parts.join(''));

test.each(patterns)('%s matches as the pattern itself does, in short texts and in long ones', (pattern) => {
  const quick = new QuickPattern(pattern);
  const everywhere = new RegExp(pattern, `${pattern.flags}g`);
  const property = fc.property(text, fc.nat(400), (part, padding) => {
    const whole = ' '.repeat(padding) + part;
    expect(quick.test(whole)).toBe(pattern.test(whole));
    expect(quick.exec(whole)).toEqual(pattern.exec(whole));
    expect([...quick.matchAll(whole)]).toEqual([...whole.matchAll(everywhere)]);
  });
  fc.assert(property, { numRuns: 300 });
});

test('a pattern that is made after a text was looked through is found in it', () => {
  const long = `${' '.repeat(300)}first second`;
  expect(new QuickPattern(/first/).test(long)).toBe(true);
  expect(new QuickPattern(/second/).test(long)).toBe(true);
});
