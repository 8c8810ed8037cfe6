import { expect, test } from 'vitest';
import type { FileRule, Tier } from '../src/rules/rule.ts';
import { SourceFile, type SourceLanguage } from '../src/source/source-file.ts';
import { inspectArchive } from '../src/inspect/inspect-archive.ts';
import { chunksOf, packageTarball } from './tar-builder.ts';

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

/** The findings of a whole package, as `tier rule file`. */
export async function findingsOf(files: Record<string, string | Buffer>): Promise<string[]> {
  const withManifest = { 'package.json': '{"name":"a","version":"1.0.0"}', ...files };
  const report = await inspectArchive(chunksOf(packageTarball(withManifest)));
  return report.findings.map(({ tier, rule, file }) => `${tier} ${rule} ${file}`);
}

/** A package.json with these install scripts. */
export function manifestWith(scripts: Record<string, string>, more: object = {}): string {
  return JSON.stringify({ name: 'a', version: '1.0.0', scripts, ...more });
}
