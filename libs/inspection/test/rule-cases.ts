import { expect, test } from 'vitest';
import type { FileRule, Tier } from '../src/rules/rule.ts';
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
    const [hit] = rule.check(new SourceFile('file.js', language, text));
    expect(hit ? (hit.tier ?? rule.tier) : null).toBe(tier);
  });
}
