import { expect, test } from 'vitest';
import type { FileRule, Tier } from '../src/rules/rule.ts';
import { WordsIn } from '../src/source/words-in.ts';
import { SourceFile, type SourceLanguage } from '../src/source/source-file.ts';

export interface FileCase {
  name: string;
  text: string;
  language?: SourceLanguage;
  /** The tier that the rule gives it, or null when it must not fire. */
  tier: Tier | null;
}

/** Runs a rule over each text and compares the tier of its first hit. */
export function testFileRule(rule: FileRule, cases: FileCase[]): void {
  test.each(cases)(`${rule.id}: $name`, ({ text, language = 'javascript', tier }) => {
    // A rule that starts from words that it does not name reads no tree here.
    const isTextOnly = language === 'javascript' && !new WordsIn(text).hasOneOf(rule.needs ?? []);
    const [hit] = rule.check(new SourceFile('file.js', language, text, { isTextOnly }));
    expect(hit ? (hit.tier ?? rule.tier) : null).toBe(tier);
  });
}
