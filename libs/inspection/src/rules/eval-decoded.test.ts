import { testFileRule } from '../../test/rule-cases.ts';
import { evalDecoded } from './eval-decoded.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const payload = `require('child_process').exec('id')`;
const codes = [...payload].map((character) => character.charCodeAt(0)).join(',');
testFileRule(evalDecoded, [
  {
    name: 'eval of base64',
    text: `eval(Buffer.from('${base64(payload)}', 'base64').toString())`,
    tier: 'block',
  },
  { name: 'eval of atob', text: `const c = atob('${base64(payload)}'); (0, eval)(c)`, tier: 'block' },
  {
    name: 'Function over character codes',
    text: `new Function(String.fromCharCode(${codes}))()`,
    tier: 'block',
  },
  {
    name: 'Function with a parameter',
    text: `Function('require', atob('${base64(payload)}'))(require)`,
    tier: 'block',
  },
  {
    name: 'a reversed text',
    text: `eval(${JSON.stringify([...payload].toReversed().join(''))}.split('').reverse().join(''))`,
    tier: 'block',
  },
  {
    name: 'through the constructor',
    text: `[].constructor.constructor(atob('${base64(payload)}'))()`,
    tier: 'block',
  },
  {
    name: 'an encrypted payload that is compiled',
    text: `const d = require('crypto').createDecipheriv('aes-256-cbc', k, iv); const m = new module.constructor(); m._compile(d.update(e, 'hex', 'utf8') + d.final('utf8'), '')`,
    tier: 'review',
  },
  { name: 'of what is not known', text: `eval(Buffer.from(x, 'base64').toString())`, tier: 'review' },
  { name: 'the global object', text: `var g = Function('return this')()`, tier: null },
  {
    name: 'a template engine',
    text: `new Function('data', 'with (data) { return ' + source + ' }')`,
    tier: null,
  },
  {
    name: 'base64 without eval',
    text: `const wasm = Buffer.from('${base64('x'.repeat(100))}', 'base64')`,
    tier: null,
  },
  { name: 'a feature test', text: `try { new Function('async () => {}') } catch { }`, tier: null },
]);
