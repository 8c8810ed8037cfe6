import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSourceFacts } from './source-facts.ts';

const facts = (text: string) => readSourceFacts(text)!;
const calls = (text: string) => facts(text).calls.map((call) => `${call.name}(${call.text(0)?.text ?? ''})`);

describe('calls are known by what they resolve to', () => {
  test.each([
    ["require('child_process').exec('id')", 'child_process.exec(id)'],
    ["const { exec: run } = require('node:child_process'); run('id')", 'child_process.exec(id)'],
    ["import * as cp from 'child_process'; cp.exec('id')", 'child_process.exec(id)'],
    ["import cp from 'child_process'; cp.exec('id')", 'child_process.exec(id)'],
    ["import { exec as x } from 'child_process'; x('id')", 'child_process.exec(id)'],
    ["const cp = await import('child_process'); cp.exec('id')", 'child_process.exec(id)'],
    ["let cp; try { cp = require('child_process') } catch {} cp.exec('id')", 'child_process.exec(id)'],
    [
      "const cp = process.mainModule.require('child_process'); cp['ex' + 'ec']('id')",
      'child_process.exec(id)',
    ],
    ["(0, require('child_process').exec)('id')", 'child_process.exec(id)'],
    ["const e = require('util').promisify(require('child_process').exec); e('id')", 'child_process.exec(id)'],
    ["var cp = __importDefault(require('child_process')); cp.default.exec('id')", 'child_process.exec(id)'],
    ["const m = 'child_' + 'process'; require(m).exec('id')", 'child_process.exec(id)'],
    [
      "require(Buffer.from('Y2hpbGRfcHJvY2Vzcw==', 'base64').toString()).exec('id')",
      'child_process.exec(id)',
    ],
    ["require('ssecorp_dlihc'.split('').reverse().join('')).exec('id')", 'child_process.exec(id)'],
    ["globalThis['fetch']('https://x.example')", 'fetch(https://x.example)'],
    [
      "const load = module.createRequire(import.meta.url); load('fs').readFileSync('x')",
      'fs.readFileSync(x)',
    ],
  ])('%s', (text, call) => {
    expect(calls(text)).toContain(call);
  });

  test('a name that has two values is not guessed', () => {
    expect(calls("let e = require('fs'); e = require('child_process'); e.exec('id')")).toContain(
      '?.exec(id)',
    );
    const twoScopes =
      "function a(e) { e.exec('x') } const f = (() => { const e = require('child_process'); return e.exec('y') })";
    expect(calls(twoScopes)).toEqual(expect.arrayContaining(['?.exec(x)', 'child_process.exec(y)']));
  });
});

describe('texts that the code puts together', () => {
  test.each([
    ["const h = 'webhook'; x(`https://${h}.site/${id}`)", 'https://webhook.site/…'],
    ['x(String.fromCharCode(104, 105, 33, 33))', 'hi!!'],
    ['x(String.fromCharCode(...[104, 105, 33, 33]))', 'hi!!'],
    ["x(atob('aGVsbG8gd29ybGQ='))", 'hello world'],
    ["x(Buffer.from('68656c6c6f', 'hex').toString('utf8'))", 'hello'],
    ['x(Buffer.from([104, 101, 108, 108, 111]).toString())', 'hello'],
    ["x(['cu', 'rl', ' x'].join(''))", 'curl x'],
    ["const a = ['one', 'curl']; x(a[1] + ' y')", 'curl y'],
    ["x(unescape('%63%75%72%6c'))", 'curl'],
  ])('%s', (text, expected) => {
    expect(facts(text).texts.map(({ text: found }) => found)).toContain(expected);
  });
});

test('reads of the environment', () => {
  const { environment } = facts(
    'a(process.env.NPM_TOKEN); const { env } = process; env.HOME; for (const k in process.env) b(k)',
  );
  expect(environment.map(({ name }) => name)).toEqual(['NPM_TOKEN', 'HOME', null]);
});

test('code that hangs or overflows a naive reader ends soon', () => {
  const doubling = Array.from({ length: 60 }, (_, i) => `const a${i + 1} = a${i} + a${i};`).join('');
  expect(facts(`const a0 = 'xxxx'; ${doubling} f(a60)`).texts.length).toBeGreaterThan(0);
  expect(facts(`f(${"'a'+".repeat(1_000)}'b')`).texts.some(({ text }) => text.length > 1_000)).toBe(true);
  expect(() => facts('['.repeat(50_000))).not.toThrow();
  expect(() => facts('const a = b; const b = a; a(); f(a + b)')).not.toThrow();
});

test('text that is no JavaScript never throws', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => void readSourceFacts(text)),
    { numRuns: 300 },
  );
});
