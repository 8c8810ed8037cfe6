import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayMatter as mayMatterBy } from './may-matter.ts';
import { readSignals } from './read-signals.ts';
import { readSourceFacts } from './source-facts.ts';
import { SourceFile } from './source-file.ts';
import { WordsIn } from './words-in.ts';

const mayMatter = (text: string) => mayMatterBy(new WordsIn(text));

/** Uses of a capability, by kind, with the names in the forms that code gives them. */
const uses = {
  programs: [
    `require('child_process').exec(c);`,
    `import { spawn as s } from "node:child_process"; s(c);`,
    `const { execSync } = await import('child_process'); execSync(c);`,
    `process.mainModule.require('child_process').exec(c);`,
    `process.getBuiltinModule('child_process').exec(c);`,
    `const _0x12ab = 1;`,
  ],
  network: [
    `require('https').request(u, f);`,
    `import got from 'got'; got.post(u, { json: b });`,
    `const net = require("node:net"); net.connect(1, h);`,
    'require(`dns`).resolveTxt(`${d}.x.invalid`, f);',
    `fetch(u);`,
    `const f = globalThis.fetch; f(u);`,
    `[u].map(fetch);`,
    `const x = new XMLHttpRequest(); x.open('GET', u);`,
    `new WebSocket(u);`,
    `navigator.sendBeacon(u, b);`,
  ],
  code: [
    `eval(t);`,
    `(0, eval)(t);`,
    `p.then(eval);`,
    `new Function('a', t)();`,
    `Function(t)();`,
    `module._compile(t, '');`,
    `require('vm').runInThisContext(t);`,
    `const vm = await import("node:vm"); new vm.Script(t);`,
  ],
  secrets: [
    `send(JSON.stringify(process.env));`,
    `for (const name in process.env) send(name);`,
    `const { env } = process; send(process.env[n]);`,
    `send(process.env.NPM_TOKEN);`,
    `send(process.env.AWS_SECRET_ACCESS_KEY);`,
    `read(os.homedir() + '/.ssh/id_rsa');`,
    `require('os').networkInterfaces();`,
  ],
  disguises: [
    `require(n)(c);`,
    `require('module').createRequire(u)(n);`,
    `import(n);`,
    `globalThis[n](t);`,
    `globalThis['ev' + 'al'](t);`,
    `x[atob(n)]();`,
    `Buffer.from(t, 'base64').toString();`,
    `String.fromCharCode(104, 105);`,
    `f['constructor'](t);`,
  ],
};

const filler = (length: number) => 'const a = 1;\n'.repeat(length / 13);
const large = filler(40_000);

describe('a small file is parsed for any use of a capability', () => {
  test.each(Object.values(uses).flat())('%s', (code) => {
    expect(mayMatter(filler(2_000) + code)).toBe(true);
  });
});

describe('a large file', () => {
  test.each(uses.programs)('is parsed for what starts a program: %s', (code) => {
    expect(mayMatter(large + code + large)).toBe(true);
  });

  test('is parsed for uses of two kinds, wherever they are', () => {
    const { programs: _, ...others } = uses;
    const kinds = fc.shuffledSubarray(Object.values(others), { minLength: 2, maxLength: 2 });
    const pair = kinds.chain(([one, other]) =>
      fc.tuple(fc.constantFrom(...one!), fc.constantFrom(...other!)),
    );
    fc.assert(fc.property(pair, ([one, other]) => mayMatter(one + large + other)));
  });

  test.each([
    `/** Code like eval and {Function} fetches a request from 'http'. */`,
    `const words = ['fetch', 'XMLHttpRequest', 'eval', 'WebSocket'];`,
    `if (process.env.NODE_ENV !== 'production') got = cache.fetch(request);`,
    `const root = Function('return this')();`,
    `export const ports = { http: 80, "https": 443 };`,
  ])('is not parsed for words that are no use: %s', (code) => {
    expect(mayMatter(large + code)).toBe(false);
  });
});

/** Of a whole file, whatever is asked before it is parsed. */
function signalsOf(text: string) {
  const file = new SourceFile('a.js', 'javascript', text);
  return readSignals({ ...file, text, language: 'javascript', facts: readSourceFacts(text) } as SourceFile);
}

test('a file that is not parsed has no signal in its tree', () => {
  const statement = fc.constantFrom(
    ...Object.values(uses).flat(),
    `const words = ['fetch', 'eval'];`,
    `const https = { request() {} }; https.request(u);`,
    `class A { fetch() { this.fetch(); } }`,
    `process.env.NODE_ENV;`,
  );
  const program = fc
    .array(statement, { maxLength: 4 })
    .map((parts) => parts.map((part) => `{ ${part} }`).join('\n'));
  const property = fc.property(program, (text) => {
    if (text.includes('{ import ')) return;
    if (!mayMatter(text)) expect(signalsOf(text)).toEqual([]);
  });
  fc.assert(property, { numRuns: 300 });
});
