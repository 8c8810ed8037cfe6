import type { StatedPlatforms } from '@sluice/contracts';
import { readPlatforms } from './read-platforms.ts';

/** `os=linux`, or `(os=darwin | os=linux)` for several. */
const group = /^(?:(os|cpu|libc)=([\w-]+)|\(((?:os|cpu|libc)=[\w-]+(?: \| (?:os|cpu|libc)=[\w-]+)+)\))$/;

/**
 * Reads the conditions of an entry of Yarn 2 and newer, `os=linux & cpu=x64 & libc=glibc`. Negated names are not read: Yarn
 * writes them, and does not read them itself.
 * @returns null for none, and for any in another form.
 * Source: @yarnpkg/core, `getConditions` of `Manifest.ts` and `isPackageCompatible` of `structUtils.ts`.
 */
export function readConditions(conditions: unknown): StatedPlatforms | null {
  if (typeof conditions !== 'string') return null;
  const stated: Record<string, string[]> = {};
  for (const text of conditions.split(' & ')) {
    const match = group.exec(text);
    if (!match) return null;
    const pairs = (match[3] ?? text).split(' | ').map((pair) => pair.split('=') as [string, string]);
    const [[part]] = pairs as [[string, string]];
    if (stated[part] || pairs.some(([other]) => other !== part)) return null;
    stated[part] = pairs.map(([, name]) => name);
  }
  return readPlatforms(stated);
}
