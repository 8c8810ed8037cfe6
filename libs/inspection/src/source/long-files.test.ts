import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bundle } from '../../test/bundle.ts';
import { spreadFlows } from '../../test/spread-flows.ts';
import { statements } from '../../test/statements.ts';
import { fileRules } from '../rules/archive-rules.ts';
import { SourceFile } from './source-file.ts';

const findings = (text: string) => {
  const file = new SourceFile('index.js', 'javascript', text);
  return fileRules.flatMap((rule) =>
    [...rule.check(file)].map((hit) => `${rule.id} ${hit.tier ?? rule.tier}`),
  );
};

test('a flow is found however many functions it goes through, and whatever stands between them', () => {
  const property = fc.property(spreadFlows, fc.nat(400), ({ pieces, calls, start, rule }, callsEach) => {
    const padding = calls.map((call) => `${call}('a');\n`.repeat(callsEach)).join('');
    const long = `${pieces.join(`\n${bundle}\n`)}\n${padding}${bundle}\n${start}`;
    expect(long.length).toBeGreaterThan(24_000);
    expect(findings(long)).toContain(rule);
  });
  fc.assert(property, { numRuns: 40 });
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
    { numRuns: 50 },
  );
});
