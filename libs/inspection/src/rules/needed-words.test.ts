import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statements } from '../../test/statements.ts';
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
