import { describe, expect, test } from 'vitest';
import { WordsIn, type WordKind } from './words-in.ts';

const cases: [WordKind, string[], string[]][] = [
  [
    'aliases',
    [
      `const r = require; r(n);`,
      `f(require)`,
      `[a, require].at(1)(n)`,
      `const { env } = process;`,
      `new module.constructor()`,
      `((r) => r(n))(require)`,
      `function f(r = require) {}`,
    ],
    [`function (require, module) {}`, `(function e(require) {})()`, `(require) => a`, `require('a')`],
  ],
  [
    'objects',
    [
      `const g = globalThis; g[k](t);`,
      `f(module)`,
      `f(module)\n{ g() }`,
      `(function (g) {})(window)`,
      `m.call(a, module, b)`,
    ],
    [
      `(module) => module.id`,
      `visit(module) {}`,
      `function f(a, module, b) {}`,
      `f(a, module, b) { }`,
      `module.exports = a`,
    ],
  ],
  [
    'sums',
    [`'child_' + 'process'`, `"ev"+"al"`, '`child_${"process"}`', `'child-process'.replace('-', '_')`],
    [`'A message, ' + 'in two parts.'`, 'a + b', '`${a}`'],
  ],
  ['splits', [`'a b'.split(' ')`, `['e', 'v', 'al']`], [`a.split(b)`, `['first', 'second', 'third']`]],
  ['inputs', [`a ^ b`, `a ^= b`, `a\n^ b`, `a/**/^b`], [`/^a/`, `/[^a]/`, `/(^|a)/`, `/a|^b/`, `"^a"`]],
];

describe.each(cases)('%s', (kind, found, other) => {
  test.each(found)('are seen in %s', (text) => {
    expect(new WordsIn(text).has(kind)).toBe(true);
  });

  test.each(other)('are not seen in %s', (text) => {
    expect(new WordsIn(text).has(kind)).toBe(false);
  });
});
