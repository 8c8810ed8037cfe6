import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { licenseNames } from './license-names.ts';
import { normaliseDeclaredLicense } from './normalise-declared-license.ts';
import { readLicenseText } from './read-license-text.ts';
import { canonicalExpression, licenseIdsOf, parseExpression } from './spdx-expression.ts';

const require = createRequire(import.meta.url);
const ids = ['spdx-license-ids', 'spdx-license-ids/deprecated'].flatMap((list) => require(list) as string[]);
const titles = require('spdx-license-list') as Record<string, { name: string }>;

/** Texts from manifests and the spellings around them; each line was read by a person. */
const corpus = readFileSync(new URL('../fixtures/declared-licenses.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t') as [text: string, expression: string, confidence: string]);

/** Ways in which people write a license that is clear. */
const clear = [
  'MIT',
  'MIT License',
  'The MIT License (MIT)',
  'ISC',
  'Apache 2.0',
  'Apache License, Version 2.0',
  'BSD',
  'New BSD License',
  'BSD 3-Clause "New" or "Revised" License',
  'GPLv2+',
  'LGPL-2.1 or later',
  'CC0',
  'GPL',
  'GNU General Public License v3.0 or later',
  'MPL 2.0',
  'EUPL-1.2',
  'Public Domain',
  'Unlicense',
  'CC BY 4.0',
];
const riders = [
  'with restrictions',
  'with Commons Clause',
  'WITH Commons-Clause',
  '+ Commons Clause',
  'modified',
  '(modified)',
  'non-commercial',
  '(non-commercial use only)',
  'except the logo',
  'plus terms of our own',
  'for evaluation',
  'ethical',
  'but no resale',
  'for students',
  'until 2030',
  '-NC',
  '-like',
  '-style',
  '(personal use)',
  'AND OR',
  ', no military use',
  '; proprietary',
  '/ commercial',
  '| commercial',
  'or commercial',
  'and EULA',
  'or',
  'AND',
  'WITH',
  'with',
  '(',
  ')',
  'OR',
  ',',
  ';',
  '/',
  '*',
  '?',
  '!',
  '#2',
  '\u200b',
  '\u0000',
  '\u{1f389}',
  'sans resale',
  'excluding docs',
  'unless you compete',
  'without sublicense',
  'beta',
  'source only',
  'no AI',
];
const fronts = [
  'not',
  'no',
  'non-',
  'un-',
  'modified',
  'based on',
  'almost',
  'my',
  'custom',
  'restricted',
  'ethical',
  'OR',
  'AND',
  'WITH',
  ')',
  '(',
  'formerly',
  'commercial or',
  'proprietary,',
  'academic',
  'anti',
  'trial',
];

describe('readLicenseText', () => {
  it.each(corpus)('%s is %s, %s', (text, expression, confidence) => {
    const read = normaliseDeclaredLicense(JSON.parse(text));
    expect([read.expression ?? '-', read.expression ? read.confidence : read.declaredForm]).toEqual([
      expression,
      confidence,
    ]);
  });

  it.each(clear)('%s stays readable', (name) => {
    expect(readLicenseText(name)).not.toBeNull();
  });

  it('is nothing when a rider stands behind, before or in brackets', () => {
    for (const name of clear) {
      for (const rider of riders)
        expect([name, rider, readLicenseText(`${name} ${rider}`)]).toEqual([name, rider, null]);
      for (const front of fronts) {
        // "Modified BSD" is the usual name of a license.
        if (front === 'modified' && name === 'BSD') continue;
        expect([front, name, readLicenseText(`${front} ${name}`)]).toEqual([front, name, null]);
      }
    }
  });

  it('is nothing, or a license of the list by its full name, when any word is added', () => {
    const known = new Set([...licenseNames().keys()].flatMap((key) => key.split(' ')));
    const harmless = /^(?:the|v|ver|version|licen[sc]e[sd]?|software|public|terms|of|an?|or|and|under|only)$/;
    const word = fc
      .stringMatching(/^[a-z]{2,12}$/)
      .filter(
        (text) => !known.has(text) && !harmless.test(text) && !/^(?:no|see|zero|two|three|four)/.test(text),
      );
    fc.assert(
      fc.property(
        fc.constantFrom(...clear),
        word,
        fc.constantFrom(' ', '-', ', ', ' (', '/'),
        (name, added, joint) => {
          const close = joint === ' (' ? ')' : '';
          expect(readLicenseText(`${name}${joint}${added}${close}`)).toBeNull();
          expect(readLicenseText(`${added} ${name}`)).toBeNull();
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('never makes another license of an identifier or a full name, however it is spelled', () => {
    for (const id of ids) {
      const right = canonicalExpression(id);
      const spellings = [
        id,
        id.toLowerCase(),
        id.replaceAll('-', ' '),
        id.replaceAll('-', '_'),
        `${id} License`,
      ];
      const shorter = [id.replace(/(?:\.0)+$/, ''), id.replace(/-(?=\d)/, ''), id.replace(/-(?=\d)/, 'v')];
      const named = titles[id]
        ? [titles[id].name, `${titles[id].name} (${id})`, `The ${titles[id].name}`]
        : [];
      for (const text of [...spellings, ...shorter, ...named]) {
        const read = readLicenseText(text);
        if (read !== null && !canonicalExpression(text)) expect([text, read]).toEqual([text, right]);
      }
    }
  });

  it('keeps both of two names, and takes only "or", "/" and "|" for a choice', () => {
    const separators = {
      OR: [' or ', ' OR ', '/', ' / ', ' | ', ' || '],
      AND: [', ', ',', '; ', ';', ' and ', ' & ', ' + ', '\n', ', and '],
    };
    const names = [...clear, 'MPL 1.1', 'GPL 2.0', 'Elastic License 2.0', 'BUSL-1.1'].map(
      (name) => [name, readLicenseText(name)!] as const,
    );
    for (const [left, first] of names) {
      for (const [right, second] of names) {
        if (first === second) continue;
        for (const [conjunction, list] of Object.entries(separators)) {
          for (const separator of list) {
            const text = `${left}${separator}${right}`;
            const read = readLicenseText(text);
            if (read !== null) expect([text, read]).toEqual([text, `${first} ${conjunction} ${second}`]);
            // A trailing "+" is "or later".
            if (!['', '+'].includes(separator.trim()))
              expect([text, readLicenseText(`${text}${separator}`)]).toEqual([text, null]);
          }
        }
      }
    }
  });

  it('never throws, takes linear time, and gives only valid expressions', () => {
    const words = fc.constantFrom(
      'MIT',
      'GPL',
      'AND',
      'or',
      '(',
      ')',
      '/',
      ',',
      ';',
      'WITH',
      '+',
      'Apache 2',
      'v3',
      'or later',
      'only',
      '\n',
      '-',
      'classpath exception',
      'https://opensource.org/licenses/MIT',
      'see LICENSE',
      'BSD',
      '3-clause',
      ':',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), fc.constantFrom('', ' '), (parts, joint) => {
        const read = readLicenseText(parts.join(joint));
        if (read === null) return;
        expect(licenseIdsOf(parseExpression(read)!).length).toBeGreaterThan(0);
        expect(canonicalExpression(read)).toBe(read);
      }),
      { numRuns: 3_000 },
    );
    for (const bait of [
      '(',
      'a.',
      'MIT/',
      ' ',
      '- ',
      'see ',
      'https://a.',
      'or ',
      'gplv',
      '>=',
      '('.repeat(9),
    ]) {
      const started = performance.now();
      for (let run = 0; run < 20; run += 1) readLicenseText(bait.repeat(250 / bait.length));
      expect(performance.now() - started).toBeLessThan(1_000);
      expect(readLicenseText(bait.repeat(100_000))).toBeNull();
    }
  });
});
