import { findRun } from '../source/find-run.ts';
import { QuickPattern } from '../source/quick-pattern.ts';
import type { FileRule, Hit } from './rule.ts';

const mangledMin = 30;
const distinctMin = 12;
/** Escapes of characters that need none; tables of escaped bytes are mostly outside of this range. */
const escapedMin = 60;
const escapedShareMin = 0.08;
/** Shorter runs end deeply nested calls. */
const symbolsMin = 400;
/** Names that differ only in letters that look alike. */
const alikeMin = 10;
const alikeLengthMin = 6;

/** Programs' own words for taking text apart, each in one tool and in no library. */
const signatures = (
  [
    [
      /(?:\.push|\[\s*['"]push['"]\s*\])\(\s*\w+(?:\.shift|\[\s*['"]shift['"]\s*\])\(\s*\)\s*\)[\s\S]{0,200}catch/,
      'a table of texts that is rotated until it fits',
    ],
    [
      /\]\s*;\s*(?:return\s*\(?\s*)?(\w+)\s*=\s*function\s*\(\s*\)\s*\{\s*return\s+\w+\s*;?\s*\}\s*[;,)]{1,3}\s*(?:return\s+)?\1\s*\(/,
      'a table of texts that replaces its own function',
    ],
    [
      /['"]\d{1,3}(?:\|\d{1,3}){3,}['"]\s*(?:\.split|\[\s*['"]split['"]\s*\])/,
      'the order of statements is kept in a text',
    ],
    [/\$\s*=\s*~\s*\[\s*\]\s*;\s*\$\s*=\s*\{\s*___\s*:/, 'only symbols'],
    [/ﾟωﾟﾉ\s*=/, 'only faces'],
    [/\beval\s*\(\s*function\s*\(\s*p\s*,\s*a\s*,\s*c\s*,\s*k\s*,\s*e\s*,\s*[rd]\s*\)/, 'a packed program'],
    [/\b_\$_[0-9a-f]{4}\b[\s\S]{0,400}\b_\$_[0-9a-f]{4}\s*\[\s*\d+\s*\]/, 'names of the form _$_…'],
    [/\b__p_[0-9A-Za-z]{4}_?\w*[\s\S]{0,400}\b__p_[0-9A-Za-z]{4}/, 'names of the form __p_…'],
  ] satisfies [RegExp, string][]
).map(([pattern, form]) => ({ pattern: new QuickPattern(pattern), form }));

export const obfuscation: FileRule = {
  id: 'malware.obfuscation',
  title: 'Obfuscated code',
  severity: 'medium',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'Minifiers shorten names; obfuscators replace them by `_0x…`, hide texts in rotated tables or escape plain letters. Open-source packages have nothing to hide, so somebody should look. Look for the same file in the repository.',
  *check(file): Iterable<Hit> {
    if (file.language !== 'javascript') return;
    const found = findObfuscation(file.text);
    if (found) yield { start: found.start, title: `Obfuscated code: ${found.form}` };
  },
};

const namesOfAlike = /(?<![\w$'"`])(?:[Il][Il1]{5,}|[OoQ][O0oQ]{5,})(?![\w$])/g;

function findObfuscation(text: string): { start: number; form: string } | null {
  const mangled = text.includes('_0x') ? (text.match(/\b\w{0,4}_0x[0-9a-f]{3,6}\b/g) ?? []) : [];
  if (mangled.length >= mangledMin && new Set(mangled).size >= distinctMin)
    return { start: text.indexOf(mangled[0]!), form: 'names of the form _0x…' };
  for (const { pattern, form } of signatures) {
    const match = pattern.exec(text);
    if (match) return { start: match.index, form };
  }
  const escaped =
    (text.includes('\\x') || text.includes('\\u')
      ? text.match(
          /\\x(?:[46][1-9a-f]|[57][0-9a]|3[0-9])|\\u00(?:[46][1-9a-f]|[57][0-9a])|\\u\{[67][0-9a-f]\}/gi,
        )
      : null) ?? [];
  if (escaped.length >= escapedMin && escaped.length * 4 > text.length * escapedShareMin)
    return { start: text.search(/\\(?:x[3-7]|u00[4-7]|u\{)/i), form: 'plain letters written as escapes' };
  const hasAlike =
    findRun(text, 'Il1', alikeLengthMin) !== null || findRun(text, 'Oo0Q', alikeLengthMin) !== null;
  const alike = hasAlike ? (text.match(namesOfAlike) ?? []) : [];
  if (alike.length >= alikeMin * 2 && new Set(alike).size >= alikeMin)
    return { start: text.indexOf(alike[0]!), form: 'names that look alike' };
  const start = findRun(text, '[]()!+', symbolsMin);
  return start === null ? null : { start, form: 'only brackets and operators' };
}
