import { expect, test } from 'vitest';
import type { FileRule, Tier } from '../src/rules/rule.ts';
import { WordsIn } from '../src/source/words-in.ts';
import { SourceFile, type SourceLanguage } from '../src/source/source-file.ts';
import { bundle } from './bundle.ts';

export interface FileCase {
  name: string;
  text: string;
  language?: SourceLanguage;
  /** The tier that the rule gives it, or null when it must not fire. */
  tier: Tier | null;
}

/**
 * Runs a rule over each text and compares the tier of its first hit. What a text does counts as well at the end of a long
 * bundle, and within one of its functions.
 */
export function testFileRule(rule: FileRule, cases: FileCase[]): void {
  const tierOf = (text: string, language: SourceLanguage, isTextOnly: boolean) => {
    const [hit] = rule.check(new SourceFile('file.js', language, text, { isTextOnly }));
    return hit ? (hit.tier ?? rule.tier) : null;
  };
  test.each(cases)(`${rule.id}: $name`, ({ text, language = 'javascript', tier }) => {
    // A rule that starts from words that it does not name reads no tree here.
    const isTextOnly = language === 'javascript' && !new WordsIn(text).hasOneOf(rule.needs ?? []);
    expect(tierOf(text, language, isTextOnly)).toBe(tier);
    if (language !== 'javascript' || isTextOnly) return;
    for (const long of inLongFiles(text)) expect(tierOf(long, language, false)).toBe(tier);
  });
}

/** The text at the end of a bundle, and in one of its functions where it is a script. */
function inLongFiles(text: string): string[] {
  const body = withoutHashbang(text);
  const isModule = /^\s*(?:import\s*[\w{*'"]|export\b)/m.test(body) || /\bawait\b/.test(body);
  const ending = `${bundle}\n;${body}`;
  if (isModule) return [ending];
  return [ending, `(function (e, t) {\n${bundle}\nfunction n(r) {\n${body}\n}\n${bundle}\nn(e);\n})(this);`];
}

function withoutHashbang(text: string): string {
  return text.replace(/^#![^\n]*/, '');
}
