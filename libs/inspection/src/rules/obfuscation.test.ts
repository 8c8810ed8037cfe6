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

const rotated = (loop: string) =>
  `(function(c,d){const f=c();${loop}{try{const e=-parseInt(g(1))/1+parseInt(g(2))/2;if(e===d)break;else f['push'](f['shift']())}catch(x){f.push(f.shift())}}}(a,1));`;
testFileRule(obfuscation, [
  {
    name: 'names with a prefix',
    text: Array.from({ length: 40 }, (_, i) => `var a0_0x${(0x1000 + i).toString(16)}=${i};`).join(''),
    tier: 'review',
  },
  { name: 'a rotated table', text: rotated('while(!![])'), tier: 'review' },
  { name: 'a rotated table in another loop', text: rotated('for(;;)'), tier: 'review' },
  {
    name: 'a table that replaces its function',
    text: `function t(){const l=['a','b'];t=function(){return l};return t()}`,
    tier: 'review',
  },
  {
    name: 'the same by a comma',
    text: `function t(){var l=["a","b"];return (t=function(){return l;})();}`,
    tier: null,
  },
  {
    name: 'the order in a text',
    text: `const o='3|0|2|1'.split('|');let i=0;while(true){switch(o[i++]){case'0':f();continue}break}`,
    tier: 'review',
  },
  {
    name: 'names that look alike',
    text: Array.from(
      { length: 24 },
      (_, i) => `var I${i.toString(2).padStart(6, '0').replaceAll('0', 'l').replaceAll('1', 'I')}=${i};`,
    ).join(''),
    tier: 'review',
  },
  {
    name: 'letters as escapes',
    text: `x("${[...'require child_process exec']
      .map((c) => `\\u00${c.charCodeAt(0).toString(16)}`)
      .join('')
      .repeat(4)}")`,
    tier: 'review',
  },
  {
    name: 'a packed program',
    text: `eval(function(p,a,c,k,e,d){return p}('0',1,1,''.split('|'),0,{}))`,
    tier: 'review',
  },
  { name: 'only symbols', text: `$=~[];$={___:++$,$$$$:(![]+"")[$]};`, tier: 'review' },
  { name: 'a queue', text: `function next(q){q.push(q.shift());return q}`, tier: null },
  {
    name: 'a lazy value',
    text: `function get(){ const v = compute(); get = function () { return v }; return v }`,
    tier: null,
  },
  { name: 'a date', text: `const [y, m] = '2020|01'.split('|')`, tier: null },
]);
