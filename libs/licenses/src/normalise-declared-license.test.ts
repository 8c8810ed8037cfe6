import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseDeclaredLicense } from './normalise-declared-license.ts';
import { parseExpression } from './spdx-expression.ts';

const normalised = (raw: unknown) => {
  const { declaredForm, expression, confidence } = normaliseDeclaredLicense(raw);
  return [declaredForm, expression, confidence];
};

describe('normaliseDeclaredLicense', () => {
  it.each([
    ['MIT', 'MIT'],
    [' MIT ', 'MIT'],
    ['(MIT AND CC-BY-3.0)', 'MIT AND CC-BY-3.0'],
    ['MIT OR Apache-2.0', 'MIT OR Apache-2.0'],
    ['MIT OR Apache-2.0 AND ISC', 'MIT OR Apache-2.0 AND ISC'],
    ['(MIT OR Apache-2.0) AND ISC', '(MIT OR Apache-2.0) AND ISC'],
    ['Apache-2.0 WITH LLVM-exception', 'Apache-2.0 WITH LLVM-exception'],
    ['LicenseRef-Company', 'LicenseRef-Company'],
    ['DocumentRef-x:LicenseRef-y', 'DocumentRef-x:LicenseRef-y'],
    ['Unlicense', 'Unlicense'],
    ['GPL-2.0', 'GPL-2.0-only'],
    ['GPL-2.0+', 'GPL-2.0-or-later'],
    ['LGPL-2.1 OR MIT', 'LGPL-2.1-only OR MIT'],
    ['GPL-2.0-with-classpath-exception', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  ])('takes %j as it is written: %j', (raw, expression) => {
    expect(normalised(raw)).toEqual(['spdx', expression, 'high']);
  });

  it.each([
    ['mit', 'MIT'],
    ['MIT License', 'MIT'],
    ['MIT/X11', 'MIT'],
    ['BSD', 'BSD-2-Clause'],
    ['New BSD License', 'BSD-3-Clause'],
    ['Apache 2', 'Apache-2.0'],
    ['Apache License, Version 2.0', 'Apache-2.0'],
    ['UNLICENSE', 'Unlicense'],
    ['GPLv3', 'GPL-3.0-only'],
    ['GPL', 'GPL-1.0-or-later'],
    ['LGPLv2.1+', 'LGPL-2.1-or-later'],
    ['MIT or Apache', 'MIT OR Apache-2.0'],
    ['MIT/Apache-2.0', 'MIT OR Apache-2.0'],
    ['MIT and BSD', 'MIT AND BSD-2-Clause'],
    ['MIT, ISC', 'MIT AND ISC'],
    ['http://opensource.org/licenses/MIT', 'MIT'],
    ['Public Domain', 'LicenseRef-public-domain'],
  ])('corrects %j to %j with low confidence', (raw, expression) => {
    expect(normalised(raw)).toEqual(['text', expression, 'low']);
  });

  it.each([
    'Custom',
    'EULA',
    'see LICENSE.md',
    'MIT AND proprietary stuff',
    'not MIT',
    'MIT unlicensed',
    'x'.repeat(10_000),
  ])('makes nothing up for %j', (raw) => {
    expect(normalised(raw)).toEqual(['text', null, 'none']);
  });

  it.each(['UNLICENSED', 'unlicensed', 'Unlicensed', 'Proprietary', 'Commercial', 'No License'])(
    'never takes %j for the Unlicense',
    (raw) => {
      expect(normalised(raw)).toEqual(['unlicensed', null, 'none']);
      expect(normalised({ type: raw })).toEqual(['unlicensed', null, 'none']);
    },
  );

  it.each(['SEE LICENSE IN LICENSE.txt', 'see license in x', 'SEE LICENCE IN x'])(
    'does not follow %j',
    (raw) => {
      expect(normalised(raw)).toEqual(['see-license-in', null, 'none']);
    },
  );

  it.each([undefined, null, '', '  ', [], {}, [{}], [[['MIT']]], 5, true, { type: 7 }])(
    'finds no license in %j',
    (raw) => {
      expect(normaliseDeclaredLicense(raw)).toEqual({
        declared: null,
        declaredForm: 'none',
        expression: null,
        confidence: 'none',
      });
    },
  );

  it('reads the old forms', () => {
    expect(normalised({ type: 'MIT', url: 'https://x.example' })).toEqual(['object', 'MIT', 'high']);
    expect(normalised({ url: 'http://www.opensource.org/licenses/mit-license.php' })).toEqual([
      'object',
      'MIT',
      'low',
    ]);
    expect(normalised(['MIT'])).toEqual(['array', 'MIT', 'high']);
    expect(normalised([{ type: 'MIT' }, { type: 'Apache-2.0' }])).toEqual([
      'array',
      'MIT OR Apache-2.0',
      'low',
    ]);
    expect(normalised([{ type: 'MIT' }, 'MIT'])).toEqual(['array', 'MIT', 'high']);
    expect(normalised([{ type: 'MIT' }, { type: 'Custom' }])).toEqual(['array', null, 'none']);
    expect(normalised(Array.from({ length: 10_000 }, () => 'MIT'))).toEqual(['array', null, 'none']);
  });

  it('rejects ten thousand parentheses in linear time', () => {
    expect(normalised('('.repeat(10_000) + 'MIT' + ')'.repeat(10_000))).toEqual(['text', null, 'none']);
    expect(normaliseDeclaredLicense('('.repeat(10_000)).declared).toHaveLength(500);
    expect(() => parseExpression('('.repeat(10_000))).toThrow(
      expect.objectContaining({ code: 'license.expression-too-complex' }),
    );
    expect(() => parseExpression('('.repeat(100) + 'MIT' + ')'.repeat(100))).toThrow(
      expect.objectContaining({ code: 'license.expression-too-complex' }),
    );
  });

  it('never throws, and gives a valid expression or none', () => {
    const words = fc.constantFrom(
      'MIT',
      'GPL',
      'AND',
      'or',
      '(',
      ')',
      '/',
      ',',
      'WITH',
      '+',
      'Apache 2',
      'v3',
      'unlicensed',
      ' ',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 12 }).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(fc.oneof(texts, fc.anything(), fc.record({ type: texts }), fc.array(texts)), (raw) => {
        const { declared, expression, confidence } = normaliseDeclaredLicense(raw);
        expect(declared === null || declared.length <= 500).toBe(true);
        expect(expression === null).toBe(confidence === 'none');
        if (expression !== null) expect(parseExpression(expression)).not.toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});
