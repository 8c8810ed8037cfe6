/**
 * The first key of an .npmrc that a pattern names, or that has to be decoded first and may be any: those of npm's own settings
 * never have to.
 */
export function findNpmrcKey(npmrc: string, pattern: RegExp): string | null {
  const keys = npmrc.split(/[\r\n]+/).map((line) => line.split('=')[0]!.trim());
  return keys.find((key) => !/^[;#]/.test(key) && (pattern.test(key) || /["'\\$]/.test(key))) ?? null;
}
