import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectLicenseTexts } from './detect-license-texts.ts';
import { unrecognisedTerms, withAdditionalTerms } from './license-riders.ts';
import { parseExpression } from './spdx-expression.ts';

const require = createRequire(import.meta.url);
const list = JSON.parse(readFileSync(require.resolve('spdx-license-list/spdx-full.json'), 'utf8')) as Record<
  string,
  { licenseText: string }
>;
const textOf = (id: string) => list[id]!.licenseText;
const detected = (text: string, isWholeFile = true) =>
  detectLicenseTexts(text, isWholeFile).map(({ expression }) => expression);
const permissive = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Zlib', 'Unlicense'];

const commonsClause = `"Commons Clause" License Condition v1.0

The Software is provided to you by the Licensor under the License, as defined below, subject to the following
condition. Without limiting other conditions in the License, the grant of rights under the License will not include,
and the License does not grant to you, the right to Sell the Software.`;

const riders = [
  commonsClause,
  'This software may be used for non-commercial purposes only.',
  'Commercial use requires a separate agreement with the author.',
  'Use by companies with more than 100 employees is prohibited.',
  'Additional restriction: not for training of models.',
  'The software may not be used by the military.',
  'It is for evaluation only.',
  'You must not offer the software as a service.',
  'No use for weapons or surveillance.',
  'The Software shall be used for Good, not Evil.',
  'The individual or the legal entity must conform to the applicable labor-related laws.',
  'Everything is granted except the artwork.',
  'You agree to pay a yearly fee to the author.',
  'Only for academic use.',
];

describe('a license text with added terms', () => {
  it.each(permissive)('is never %s', (id) => {
    for (const rider of riders) {
      for (const text of [`${rider}\n\n${textOf(id)}`, `${textOf(id)}\n\n${rider}`]) {
        expect([rider, detected(text)]).toEqual([rider, expect.not.arrayContaining([id])]);
      }
    }
  });

  it('is never the license when a word inside turns its meaning around', () => {
    const mit = textOf('MIT');
    for (const changed of [
      mit.replace('hereby granted', 'hereby not granted'),
      mit.replace('to any person', 'to any student'),
      mit.replace('to any person', 'to any non-commercial person'),
      mit.replace(
        'THE SOFTWARE IS PROVIDED',
        'The Software shall be used for Good, not Evil.\n\nTHE SOFTWARE IS PROVIDED',
      ),
      mit.replace('MIT License', 'Modified MIT License'),
      mit.replace('without restriction', 'with restrictions'),
    ]) {
      expect(changed).not.toBe(mit);
      expect(detected(changed)).not.toContain('MIT');
    }
  });

  it('is another one when a long paragraph stands beside it, in whatever words', () => {
    const word = fc.stringMatching(/^[a-z]{4,9}$/);
    const paragraph = fc.array(word, { minLength: 160, maxLength: 200 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.constantFrom(...permissive), paragraph, (id, words) => {
        expect(detected(`${textOf(id)}\n\n${words}`)).not.toContain(id);
      }),
      { numRuns: 50 },
    );
  });

  it('has a name that is a valid expression', () => {
    expect(withAdditionalTerms('MIT OR GPL-2.0+')).toBe('LicenseRef-MIT-OR-GPL-2.0-with-additional-terms');
    expect(parseExpression(withAdditionalTerms('MIT OR (GPL-2.0+ AND ISC)'))).not.toBeNull();
    expect(parseExpression(unrecognisedTerms)).not.toBeNull();
  });
});

describe('a license text without added terms', () => {
  it('is itself, for every license of the list', () => {
    // Deprecated ones are texts with an exception behind them, or variants of those that replaced them.
    const deprecated = new Set(require('spdx-license-ids/deprecated') as string[]);
    const changed = Object.keys(list).filter(
      (id) => !deprecated.has(id) && detected(textOf(id)).some((found) => found.startsWith('LicenseRef-')),
    );
    expect(changed).toEqual([]);
  });

  it.each([
    ['a title', (text: string) => `The MIT License (MIT)\n\n${text}`],
    [
      'a holder without "copyright"',
      (text: string) => `Jane Doe <jane@host.example>\nhttps://host.example\n\n${text}`,
    ],
    [
      'an origin',
      (text: string) => `${text}\nThis is a derivative work of widget by Jane Doe, http://host.example`,
    ],
    ['a permission', (text: string) => `Free for personal and commercial use.\n\n${text}`],
    ['a choice', (text: string) => `You may use this software under either of these licenses.\n\n${text}`],
    [
      'notices of bundled code',
      (text: string) =>
        `${text}\n\nThird-party notices\n\nThis package must be read with the notices of widget:\n\n${textOf('BSD-3-Clause')}

Gadget, except for its tests, must be read with:

${textOf('ISC')}`,
    ],
  ])('stays what it is beside %s', (_title, around) => {
    expect(detected(around(textOf('MIT')))).toContain('MIT');
  });

  it('stays what it is in a README, except for terms that are certain to restrict', () => {
    const section = `## License\n\nYou must be kind. See also the docs.\n\n${textOf('MIT')}`;
    expect(detected(section, false)).toEqual(['MIT']);
    for (const rider of ['For non-commercial use.', 'Commercial use is by arrangement.']) {
      expect(detected(`${section}\n${rider}`, false)).toEqual([withAdditionalTerms('MIT')]);
    }
  });
});

it('is bounded beside any bait', () => {
  const started = performance.now();
  for (const bait of [
    'contains ',
    'not ',
    'commercial ',
    'may not ',
    'third ',
    'ab cd ',
    'x'.repeat(50),
    'and or ',
  ]) {
    detected(textOf('MIT') + bait.repeat(500_000 / bait.length));
    detected(bait.repeat(500_000 / bait.length));
  }
  expect(performance.now() - started).toBeLessThan(20_000);
});

describe('a license file without a known text', () => {
  it.each([
    ['Licensed under the MIT license with Commons Clause.', [withAdditionalTerms('MIT')]],
    ['MIT License for non-commercial use.', [withAdditionalTerms('MIT')]],
    ['Licensed under the Business Source License 1.1.', ['BUSL-1.1']],
    ['Elastic License 2.0', ['Elastic-2.0']],
    ['CC BY-NC 4.0', ['CC-BY-NC-4.0']],
    ['MIT-0', ['MIT-0']],
    ['An MIT-like license', []],
    [
      'Licensed under the Apache License, Version 2.0; you may not use this file except in compliance.',
      ['Apache-2.0'],
    ],
  ])('names what %j names', (text, expected) => {
    expect(detected(text)).toEqual(expected);
  });

  it('is unknown terms when it sets conditions of its own', () => {
    expect(detected(commonsClause)).toEqual([unrecognisedTerms]);
    const agreement =
      'This Software belongs to Acme. You may not copy, distribute, or modify the Software without prior written consent of Acme. By installing it you agree to pay the fees that Acme publishes.';
    expect(detected(agreement)).toEqual([unrecognisedTerms]);
    expect(detected(agreement, false)).toEqual([]);
  });

  it('is nothing when it is a part of a known text, or prose', () => {
    expect(detected(textOf('MIT').slice(100, 900))).toEqual([]);
    expect(
      detected('A widget for the web, with tests and a manual, by Jane Doe and friends since 2011.'),
    ).toEqual([]);
  });
});

describe('sentences that are known to be harmless', () => {
  it.each([
    'The following license applies to all parts of this software except as documented below.',
    'This software consists of voluntary contributions made by many individuals. For exact contribution history, see the revision history available at https://host.example/widget',
    'Unless stated otherwise all works are copyright Acme and licensed under MIT License',
    'Node.js is licensed for use as follows:',
    'All files located in the node_modules and vendor directories are externally maintained libraries used by this software which have their own licenses; we recommend you read them, as their terms may differ from the terms above.',
  ])('leave the license what it is: %s', (sentence) => {
    expect(detected(`${sentence}\n\n${textOf('MIT')}`)).toEqual(['MIT']);
  });

  it.each([
    'The following license applies to all parts of this software except as documented below: no commercial use.',
    'Unless stated otherwise all works are for evaluation purposes and licensed under MIT License',
    'Python was created in the early 1990s by Guido van Rossum at CWI. Not for commercial use. Python Software Foundation License Version 2',
  ])('hide no term that stands beside them: %s', (sentence) => {
    expect(detected(`${sentence}\n\n${textOf('MIT')}`)).not.toContain('MIT');
  });
});
