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

  test('a name that has two values may be either', () => {
    expect(calls("let e = require('fs'); e = require('child_process'); e.exec('id')")).toEqual(
      expect.arrayContaining(['fs.exec(id)', 'child_process.exec(id)']),
    );
    const twoScopes =
      "function a(e) { e.exec('x') } const f = (() => { const e = require('child_process'); return e.exec('y') })";
    expect(calls(twoScopes)).toEqual(expect.arrayContaining(['?.exec(x)', 'child_process.exec(y)']));
  });

  test.each([
    ['an argument of a function called at once', "(function (r) { r('child_process').exec('id') })(require)"],
    ['the same by call', "(function (r) { r('child_process').exec('id') }).call(this, require)"],
    ['the same by apply', "(function (r) { r('child_process').exec('id') }).apply(this, [require])"],
    ['an arrow and an object', "(({ cp }) => cp.exec('id'))({ cp: require('child_process') })"],
    ['a function called once', "function run(c) { c.exec('id') } run(require('child_process'))"],
    [
      'a function that gives modules',
      "const get = (name) => require(name); get('fs'); get('child_process').exec('id')",
    ],
    ['an unknown function of a module name', "module.exports = (load) => load('child_process').exec('id')"],
    ['a default', "function run(c = require('child_process')) { c.exec('id') }"],
    ['a field of a class', "class A { c = require('child_process'); go() { this.c.exec('id') } }"],
    ['a private field', "class A { #c = require('child_process'); go() { this.#c.exec('id') } }"],
    [
      'a field set by the constructor',
      "class A { constructor(c) { this.c = c } go() { this.c.exec('id') } } new A(require('child_process'))",
    ],
    ['a static field', "class A { static c = require('child_process') } A.c.exec('id')"],
    ['a getter', "class A { get c() { return require('child_process') } go() { this.c.exec('id') } }"],
    [
      'a field of the parent class',
      "class A { c = require('child_process') } class B extends A { go() { this.c.exec('id') } }",
    ],
    [
      'a function as class',
      "function A() { this.c = require('child_process') } A.prototype.go = function () { this.c.exec('id') }; new A().c.exec('id')",
    ],
    ['a member of an object', "const m = { a: { c: require('child_process') } }; m.a.c.exec('id')"],
    [
      'a member by a computed key',
      "const m = { c: require('child_process') }, k = 'c'; m[k]['ex' + 'ec']('id')",
    ],
    ['a member that is assigned', "const m = {}; m.c = require('child_process'); m.c.exec('id')"],
    ['this of an object', "const m = { c: require('child_process'), go() { this.c.exec('id') } }"],
    ['a list', "const [, c] = [1, require('child_process')]; c.exec('id')"],
    ['spread objects', "const m = { ...{ c: require('child_process') } }; m.c.exec('id')"],
    ['getBuiltinModule', "process.getBuiltinModule('node:child_process').exec('id')"],
    ['getBuiltinModule by parts', "const { getBuiltinModule: g } = process; g('child_process').exec('id')"],
    [
      'createRequire',
      "import { createRequire as c } from 'node:module'; const r = c(import.meta.url); r('child_process').exec('id')",
    ],
    ['Module._load', "require('module')._load('child_process').exec('id')"],
    ['module.constructor', "module.constructor._load('child_process').exec('id')"],
    ['require.main', "require.main.require('child_process').exec('id')"],
    ['Reflect.get', "Reflect.get(require('child_process'), 'exec')('id')"],
    ['Reflect.apply', "Reflect.apply(require('child_process').exec, null, ['id'])"],
    ['bind', "const e = require('child_process').exec.bind(null); e('id')"],
    ['call', "require('child_process').exec.call(null, 'id')"],
    ['apply', "require('child_process').exec.apply(null, ['id'])"],
    ['then', "import('child_process').then((c) => c.exec('id'))"],
    ['then with a pattern', "import('child_process').then(({ exec }) => exec('id'))"],
    ['a chain', "require?.('child_process')?.exec?.('id')"],
    ['the global object', "globalThis['process'].mainModule['require']('child_process').exec('id')"],
    [
      'the global object by Function',
      "Function('return this')().process.mainModule.require('child_process').exec('id')",
    ],
    ['require by eval', "eval('require')('child_process').exec('id')"],
    ['require by Function', "new Function('return require')()('child_process').exec('id')"],
    ['a conditional', "const c = x ? require('child_process') : null; c.exec('id')"],
    ['a late assignment', "let c; function go() { c.exec('id') } c = require('child_process'); go()"],
    ['a pattern in an assignment', "let exec; ({ exec } = require('child_process')); exec('id')"],
    [
      'webpack 5',
      "(()=>{var m={1:e=>{e.exports=require('child_process')}},c={};function r(n){var o=c[n];if(void 0!==o)return o.exports;var t=c[n]={exports:{}};return m[n](t,t.exports,r),t.exports}r(1).exec('id')})()",
    ],
    [
      'webpack 4',
      "!function(e){var t={};function n(r){if(t[r])return t[r].exports;var o=t[r]={i:r,l:!1,exports:{}};return e[r].call(o.exports,o,o.exports,n),o.l=!0,o.exports}n(0)}([function(e,t,n){n(1).exec('id')},function(e,t){e.exports=require('child_process')}])",
    ],
    [
      'webpack with names',
      "(()=>{var m={'./a.js':(e,t,n)=>{n.d(t,{c:()=>x});const x=require('child_process')}},c={};function r(n){var t=c[n]={exports:{}};m[n](t,t.exports,r);return t.exports}r('./a.js').c.exec('id')})()",
    ],
    [
      'browserify',
      "(function(){function r(e,n,t){function o(i,f){if(!n[i]){var p=n[i]={exports:{}};e[i][0].call(p.exports,function(r){return o(e[i][1][r]||r)},p,p.exports,r,e,n,t)}return n[i].exports}o(t[0])}return r})()({1:[function(require,module,exports){require('child_process').exec('id')},{}]},{},[1])",
    ],
    [
      'esbuild',
      "var c = (f, m) => () => (m || (0, f[Object.keys(f)[0]])((m = { exports: {} }).exports, m), m.exports); var a = c({ 'a.js'(exports, module) { module.exports = require('child_process') } }); a().exec('id')",
    ],
    [
      'esbuild, minified',
      "var c=(f,m)=>()=>(m||f((m={exports:{}}).exports,m),m.exports);var a=c((e,t)=>{t.exports=require('child_process')});var b=__toESM(a());b.exec('id')",
    ],
    ['rollup', "var c = {}; (function (e) { e.run = require('child_process') })(c); c.run.exec('id')"],
  ])('%s', (_, text) => {
    expect(calls(text)).toContain('child_process.exec(id)');
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
    ["x(require('path').join(require('os').homedir(), '.aws', 'credentials'))", '…/.aws/credentials'],
    ["import { resolve } from 'path'; x(resolve(h, '..', `.ssh`))", '.ssh'],
    ["const d = require('path').join(h, '.ssh'); x(d + '/id_rsa')", '…/.ssh/id_rsa'],
    ["x(require('path').join(__dirname, 'test', 'x.js'))", './test/x.js'],
    ["x(__dirname + '/lib/x.js')", './lib/x.js'],
    ["x(new URL('./x.js', import.meta.url))", './x.js'],
    ["let s = 'cu'; s += 'rl'; x(s)", 'curl'],
    ["x('cu'.concat('rl', ' x'))", 'curl x'],
    ["x('c-u-r-l'.split('-').join(''))", 'curl'],
    ["x('cXuXrXl'.replace(/X/g, ''))", 'curl'],
    ["x('xcurlx'.slice(1, -1))", 'curl'],
    ["x('CURL'.toLowerCase())", 'curl'],
    ["x([99, 117, 114, 108].map((c) => String.fromCharCode(c)).join(''))", 'curl'],
    [
      "const f = (a, k) => a.map((c) => String.fromCharCode(c ^ k)).join(''); x(f([100, 114, 117, 107], 7))",
      'curl',
    ],
    [
      "function f(s) { let r = ''; for (let i = 0; i < s.length; i++) r += String.fromCharCode(s.charCodeAt(i) - 1); return r } x(f('dvsm'))",
      'curl',
    ],
    ["function f(s) { return s.split('').reverse().join('') } x(f('lruc'))", 'curl'],
    ["const f = (h) => Buffer.from(h, 'hex').toString(); x(f('6375726c'))", 'curl'],
    [
      "function f(h) { let o = ''; for (let i = 0; i < h.length; i += 2) o += String.fromCharCode(parseInt(h.substr(i, 2), 16)); return o } x(f('6375726c'))",
      'curl',
    ],
    [
      "const k = 'ab', f = (s) => [...s].map((c, i) => String.fromCharCode(c.charCodeAt(0) ^ k.charCodeAt(i % k.length))).join(''); x(f('\\u0002\\u0017\\u0013\\u000e'))",
      'curl',
    ],
    ["const t = ['rl', 'cu']; const g = (i) => t[i - 1]; x(g(2) + g(1))", 'curl'],
    ["x('6375726c'.match(/.{2}/g).map((h) => String.fromCharCode(parseInt(h, 16))).join(''))", 'curl'],
    ['x(Buffer.from(Uint8Array.from([99, 117, 114, 108])).toString())', 'curl'],
    ['x(new TextDecoder().decode(new Uint8Array([99, 117, 114, 108])))', 'curl'],
    ['x(String.fromCharCode.apply(null, [99, 117, 114, 108]))', 'curl'],
    ["x(Array.from('lruc').reverse().join(''))", 'curl'],
    ["const o = { d(s) { return atob(s) } }; x(o.d('Y3VybA=='))", 'curl'],
    ["x(require('zlib').inflateSync(Buffer.from('eJxLLi3KAQAEPwG3', 'base64')).toString())", 'curl'],
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
  expect(() => facts('const f = (x) => f(x + x); y(f("a"))')).not.toThrow();
  expect(() => facts('function f() { for (;;); } y(f("a"))')).not.toThrow();
  expect(() => facts("function f() { let s = 'aa'; while (true) s += s } y(f('a'))")).not.toThrow();
  expect(() => facts("y('a'.repeat(1e9), 'ab'.replace(/(a|b)+$/, ''))")).not.toThrow();
  expect(() => facts('function f(o) { o = { ...o, a: 1 }; o = { ...o.b }; o.x(); } f({})')).not.toThrow();
  expect(() => facts('class A extends A { go() { this.x.y() } }')).not.toThrow();
  const fans = Array.from({ length: 40 }, (_, i) => `let v${i + 1} = c ? v${i} : v${i}.x;`).join('');
  expect(() => facts(`let v0 = require('fs'); ${fans} v40.readFile('x')`)).not.toThrow();
});

test('text that is no JavaScript never throws', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => void readSourceFacts(text)),
    { numRuns: 300 },
  );
});
