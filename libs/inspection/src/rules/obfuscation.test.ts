import { expect, test } from 'vitest';
import { testFileRule } from '../../test/rule-cases.ts';
import { SourceFile } from '../source/source-file.ts';
import { obfuscation } from './obfuscation.ts';

const names = Array.from({ length: 60 }, (_, i) => `_0x${(0x1a2b + i * 7).toString(16)}`);
testFileRule(obfuscation, [
  {
    name: 'names of an obfuscator',
    text: names.map((name) => `var ${name}=${name}(${name});`).join(''),
    tier: 'review',
  },
  {
    name: 'letters as escapes',
    text: `var a="${'\\x72\\x65\\x71\\x75\\x69\\x72\\x65'.repeat(30)}";`,
    tier: 'review',
  },
  {
    name: 'brackets only',
    text: '[][(![]+[])[+[]]+([![]]+[][[]])[+!+[]+[+[]]]]'.repeat(20),
    tier: 'review',
  },
  {
    name: 'a minified bundle',
    text: Array.from({ length: 3_000 }, (_, i) => `function a${i}(e,t){return e?t.n(e):t[${i}]&&(e=t)}`).join(
      ';',
    ),
    tier: null,
  },
  { name: 'one variable with such a name', text: `var _0x1234 = 1; _0x1234++`, tier: null },
  { name: 'a table of bytes', text: `var t="${'\\x00\\x01\\x82\\xff\\x9c'.repeat(200)}";`, tier: null },
  {
    name: 'hexadecimal numbers',
    text: `var k=[${Array.from({ length: 500 }, (_, i) => `0x${(i * 977).toString(16)}`).join(',')}]`,
    tier: null,
  },
]);

test('runs of brackets and operators count from 400 on, wherever in the file they begin', () => {
  const starts = (text: string) =>
    [...obfuscation.check(new SourceFile('file.js', 'javascript', text))].map(({ start }) => start);
  for (const before of [0, 1, 399, 400, 401, 799]) {
    const text = (length: number) =>
      `${'(a)'.repeat(400).slice(0, before)}x${'[+]'.repeat(300).slice(0, length)}`;
    expect(starts(text(399))).toEqual([]);
    expect(starts(text(400))).toEqual([before + 1]);
    expect(starts(`${text(400)}x${'()'.repeat(300)}`)).toEqual([before + 1]);
  }
});
