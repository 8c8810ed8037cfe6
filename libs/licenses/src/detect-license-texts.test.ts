import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectLicenseTexts } from './detect-license-texts.ts';

const require = createRequire(import.meta.url);
const list = JSON.parse(readFileSync(require.resolve('spdx-license-list/spdx-full.json'), 'utf8')) as Record<
  string,
  { licenseText: string }
>;
const textOf = (id: string) => list[id]!.licenseText;
const detected = (text: string) => detectLicenseTexts(text).map(({ expression }) => expression);

const popular = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'MPL-2.0',
  'Unlicense',
  'CC0-1.0',
  'WTFPL',
  'Zlib',
  'GPL-2.0-only',
  'GPL-3.0-only',
  'AGPL-3.0-only',
  'LGPL-2.1-only',
  'BlueOak-1.0.0',
  'Artistic-2.0',
  'MIT-0',
  'Python-2.0',
  'EPL-2.0',
];

describe('detectLicenseTexts', () => {
  it.each(popular)('knows the text of %s', (id) => {
    expect(detected(textOf(id))).toEqual([id]);
  });

  it.each(['MIT', 'ISC', 'BSD-3-Clause', 'Apache-2.0'])('knows %s however it is laid out', (id) => {
    const text = textOf(id);
    const oneLine = text.replace(/\s+/g, ' ');
    const comment = text
      .split('\n')
      .map((line) => ` * ${line}`)
      .join('\r\n');
    const markdown = `# License\n\n> ${text.replaceAll('\n', '\n> ').replaceAll('"', '**"**')}`;
    const html = `<p>${text.replaceAll('\n\n', '</p>\n<p>')}</p>`;
    const holder = `Copyright © 2011-2024 Jane Doe <jane@host.example>\nAll rights reserved.\n\n${text}`;
    for (const copy of [oneLine, comment, markdown, html, holder, text.toUpperCase()])
      expect(detected(copy)).toEqual([id]);
  });

  it('bears with a few changed words', () => {
    const text = textOf('BSD-3-Clause').replace(/the copyright holder/gi, 'ACME Systems, Inc.');
    const [first] = detectLicenseTexts(text);
    expect(first!.expression).toBe('BSD-3-Clause');
    expect(first!.score).toBeLessThan(1);
  });

  it('knows the older wording of the third BSD clause', () => {
    const text = textOf('BSD-3-Clause').replace(
      /Neither the name of.*?may be used/s,
      'The name of ACME may not be used',
    );
    expect(detected(text.replace(/THE COPYRIGHT HOLDERS? AND CONTRIBUTORS/g, 'THE AUTHOR'))).toEqual([
      'BSD-3-Clause',
    ]);
  });

  it('names a license once, however many copies a file has', () => {
    const notices = Array.from(
      { length: 30 },
      (_, i) => `Copyright (c) Author ${i}\n\n${textOf('MIT')}`,
    ).join('\n\n');
    expect(detected(`${notices}\n\n${textOf('Unicode-3.0')}`).toSorted()).toEqual(['MIT', 'Unicode-3.0']);
  });

  it('finds several licenses in one file', () => {
    const file = `${textOf('MIT')}\n\n-----\nThis package contains code of others:\n\n${textOf('BSD-2-Clause')}\n\n${textOf('Apache-2.0')}`;
    expect(detected(file).toSorted()).toEqual(['Apache-2.0', 'BSD-2-Clause', 'MIT']);
  });

  it('does not take a part of a license, or prose about it, for the license', () => {
    expect(detected(textOf('MIT').slice(100, 500))).toEqual([]);
    expect(detected('This tool lists the licenses of your dependencies. '.repeat(30))).toEqual([]);
  });

  it.each([
    ['## License\n\nMIT', ['MIT']],
    ['Licensed under the [MIT license](LICENSE).', ['MIT']],
    ['Apache License 2.0', ['Apache-2.0']],
    ['// SPDX-License-Identifier: (MIT OR GPL-2.0)', ['MIT OR GPL-2.0-only']],
    ['/* SPDX-License-Identifier: ISC */ ' + 'word '.repeat(500), ['ISC']],
    ['SPDX-License-Identifier: ' + '('.repeat(150), []],
    ['Permitted in all places', []],
    ['', []],
  ])('reads the mention in %j', (text, expected) => {
    expect(detected(text)).toEqual(expected);
    expect(detectLicenseTexts(text).every(({ score }) => score === 0.5)).toBe(true);
  });

  it('is bounded and never throws', () => {
    const baits = [
      'a b c ',
      '\n',
      ' ',
      '*',
      '<',
      '<a ',
      '(c) ',
      'copyright ',
      'copyright (c)\n',
      'SPDX-License-Identifier: ',
    ];
    for (const bait of baits) expect(detected(bait.repeat(1_000_000))).toEqual([]);
    fc.assert(fc.property(fc.string({ maxLength: 500 }), (text) => void detectLicenseTexts(text)));
  });
});
