import { formatExpression, parseExpressionOrNull } from './spdx-expression.ts';

/** Longer texts mention licenses in passing: of dependencies, of competitors, of former times. */
const wordsMax = 120;
/** A license's name counts half as much as its text. */
const mentionScore = 0.5;

/**
 * Names as people write them. Without a version number a permissive name is no license; a demanding one counts as its
 * newest version, so that it is not overlooked.
 */
const names: [RegExp, string][] = [
  [/\bApache(?:[ -]License)?(?:,? (?:version )?|-)v?2(?:\.0)?\b/i, 'Apache-2.0'],
  [/\b(?:BSD[ -]?3|3[ -]clause BSD|new BSD|modified BSD)\b/i, 'BSD-3-Clause'],
  [/\b(?:BSD[ -]?2|2[ -]clause BSD|simplified BSD)\b/i, 'BSD-2-Clause'],
  [/\bMIT-0\b/, 'MIT-0'],
  [/\bMIT\b(?![ -](?:0|like|style|based)\b)/, 'MIT'],
  [/\bISC\b/, 'ISC'],
  [/\bMPL[ -]?(?:v|version )?2(?:\.0)?\b|\bMozilla Public License,? (?:v|version )?2\.0/i, 'MPL-2.0'],
  [/\bCC0\b/i, 'CC0-1.0'],
  [/\bUnlicense\b/, 'Unlicense'],
  [/\b0BSD\b/i, '0BSD'],
  [/\bWTFPL\b/i, 'WTFPL'],
  [/\bAGPL[ -]?v?3(?:\.0)?\b/i, 'AGPL-3.0-only'],
  [/\bLGPL[ -]?v?3(?:\.0)?\b/i, 'LGPL-3.0-only'],
  [/\bLGPL[ -]?v?2\.1\b/i, 'LGPL-2.1-only'],
  [/\bGPL[ -]?v?3(?:\.0)?\b/i, 'GPL-3.0-only'],
  [/\bGPL[ -]?v?2(?:\.0)?\b/i, 'GPL-2.0-only'],
  [/\bGPL\b(?![ -]?v?\d)/, 'GPL-3.0-only'],
  [/\bAGPL\b(?![ -]?v?\d)/, 'AGPL-3.0-only'],
  [/\bEUPL\b/, 'EUPL-1.2'],
  [/\bSSPL\b|\bServer Side Public License\b/i, 'SSPL-1.0'],
  [/\bBUSL\b|\bBSL[ -]1\.1\b|\bBusiness Source License\b/i, 'BUSL-1.1'],
  [/\bElastic License\b|\bELv2\b/i, 'Elastic-2.0'],
  [/\bPolyForm Noncommercial\b/i, 'PolyForm-Noncommercial-1.0.0'],
  [/\bPolyForm Small Business\b/i, 'PolyForm-Small-Business-1.0.0'],
  ...creativeCommonsNames(),
];

function creativeCommonsNames(): [RegExp, string][] {
  return ['BY', 'BY-SA', 'BY-ND', 'BY-NC', 'BY-NC-SA', 'BY-NC-ND'].flatMap((terms) =>
    ['3.0', '4.0'].map((version): [RegExp, string] => [
      new RegExp(`\\bCC[ -]${terms.replaceAll('-', '[ -]')}[ -]${version.replace('.', '\\.')}\\b`, 'i'),
      `CC-${terms}-${version}`,
    ]),
  );
}

/**
 * The licenses that a short text names, as the license section of a README does: by `SPDX-License-Identifier`
 * anywhere, else by well-known names.
 * @param wordCount words of the text, as countWords counts them.
 */
export function mentionedLicenses(text: string, wordCount: number): { expression: string; score: number }[] {
  const tagged = [
    ...text.slice(0, 20_000).matchAll(/SPDX-License-Identifier:[ \t]*([^\r\n]{1,200})/g),
  ].flatMap(([, tag]) => taggedExpression(tag!));
  const named =
    tagged.length === 0 && wordCount <= wordsMax
      ? names.filter(([name]) => name.test(text)).map(([, id]) => id)
      : [];
  return [...new Set([...tagged, ...named])].map((expression) => ({ expression, score: mentionScore }));
}

function taggedExpression(tag: string): string[] {
  const parsed = parseExpressionOrNull(tag.replace(/(?:\*\/|-->|#>).*$/, '').trim());
  return parsed ? [formatExpression(parsed)] : [];
}
