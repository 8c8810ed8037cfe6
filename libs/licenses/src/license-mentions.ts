import { formatExpression, parseExpressionOrNull } from './spdx-expression.ts';

/** Longer texts mention licenses in passing: of dependencies, of competitors, of former times. */
const wordsMax = 120;
/** A name is half of what a text is. */
const mentionScore = 0.5;

/** Names as people write them; the first that fits a place wins. Without a version number there is no identifier. */
const names: [RegExp, string][] = [
  [/\bApache(?:[ -]License)?(?:,? (?:version )?|-)v?2(?:\.0)?\b/i, 'Apache-2.0'],
  [/\b(?:BSD[ -]?3|3[ -]clause BSD|new BSD|modified BSD)\b/i, 'BSD-3-Clause'],
  [/\b(?:BSD[ -]?2|2[ -]clause BSD|simplified BSD)\b/i, 'BSD-2-Clause'],
  [/\bMIT\b/, 'MIT'],
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
];

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
