import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { findLicenseTexts, mayHoldLicense } from './license-texts.ts';

const list = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('spdx-license-list/spdx-full.json'), 'utf8'),
) as Record<string, { licenseText: string }>;
const mit = list.MIT!.licenseText;
const found = (files: Record<string, string>) =>
  findLicenseTexts(new Map(Object.entries(files))).map(({ file, expression }) => `${file}: ${expression}`);

describe('findLicenseTexts', () => {
  it.each([
    ['LICENSE', true],
    ['licence.md', true],
    ['UNLICENSE', true],
    ['COPYING.LESSER', true],
    ['LICENSE-MIT', true],
    ['LICENSE.commons-clause', true],
    ['EULA.txt', true],
    ['COMMONS-CLAUSE.md', true],
    ['README.md', true],
    ['license.js', false],
    ['licenses.json', false],
    ['license-checker.mjs', false],
    ['docs/LICENSE', false],
  ])('reads %s: %s', (file, isRead) => {
    expect(mayHoldLicense(file)).toBe(isRead);
  });

  it('finds a rider in a file beside the license', () => {
    const rider =
      'Commons Clause. The License does not grant to you the right to sell the Software, in any form or for any fee, by hosting or otherwise.';
    expect(found({ LICENSE: mit, 'LICENSE.commons-clause': rider })).toEqual([
      'LICENSE: MIT',
      'LICENSE.commons-clause: LicenseRef-unrecognised-terms',
    ]);
  });

  it('asks the README only when no license file has a license, and only under its heading', () => {
    const readme = `# widget\n\nNot for commercial use of tests.\n\n## License\n\n${mit}\n\n### Why\n\nMIT.\n\n## Prices\n\nCommercial use costs a fee.\n`;
    expect(found({ 'README.md': readme })).toEqual(['README.md: MIT']);
    expect(found({ 'README.md': readme, LICENSE: list.ISC!.licenseText })).toEqual(['LICENSE: ISC']);
    expect(
      found({ 'README.md': `Widget\n===\n\nLicense\n---\n\n${mit}\n\nOther\n---\n\nGPL-3.0\n` }),
    ).toEqual(['README.md: MIT']);
    expect(found({ 'README.md': `## License\n\n${mit}\n\n### But\n\nFor non-commercial use.\n` })).toEqual([
      'README.md: LicenseRef-MIT-with-additional-terms',
    ]);
    expect(found({ 'README.md': `# widget\n\nMIT` })).toEqual([]);
  });

  it('lists each license before a second copy of any', () => {
    const copies = Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [`LICENSE-${String(at).padStart(2, '0')}`, mit]),
    );
    expect(found({ ...copies, 'LICENSE-99': list['GPL-3.0-only']!.licenseText })).toContain(
      'LICENSE-99: GPL-3.0-only',
    );
  });

  it('takes no text for whole that was not read to its end', () => {
    const cut = `${mit}\n${' '.repeat(256 * 1024)}`.slice(0, 256 * 1024);
    expect(findLicenseTexts(new Map([['LICENSE', cut]]))).toEqual([
      { file: 'LICENSE', expression: 'MIT', score: 0.9 },
    ]);
  });

  it('names a file as people may safely see it', () => {
    expect(found({ [`LICENSE.\u202e${'x'.repeat(4_000)}`]: mit })[0]).toMatch(
      /^LICENSE\.\\u\{202e\}x{1,190}….*MIT$/,
    );
  });

  it('takes linear time for a README without line breaks', () => {
    const started = performance.now();
    expect(found({ 'README.md': 'license '.repeat(32_000) })).toEqual([]);
    expect(found({ 'README.md': '# license '.repeat(26_000) })).toEqual([]);
    expect(found({ 'README.md': 'license\n---\n'.repeat(20_000) })).toEqual([]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
