import { isPlatformName, platformParts, type PlatformPart, type StatedPlatforms } from '@sluice/contracts';

/**
 * Reads the platforms that an entry states in `os`, `cpu` and `libc`, each a name or a list of names. A falsy field is absent,
 * as for npm.
 * Source: npm-install-checks, `checkPlatform`, and the same of pnpm.
 * @returns null where it states none, or anything that is not known: the entry then counts as one for all platforms.
 */
export function readPlatforms(entry: Partial<Record<PlatformPart, unknown>>): StatedPlatforms | null {
  const stated: StatedPlatforms = { os: [], cpu: [], libc: [] };
  for (const part of platformParts) {
    const field = entry[part];
    if (!field) continue;
    const entries: unknown[] = Array.isArray(field) ? field : [field];
    for (const name of entries) {
      if (typeof name !== 'string' || !isPlatformName(part, name.replace(/^!/, ''))) return null;
      if (!stated[part].includes(name)) stated[part].push(name);
    }
  }
  return platformParts.some((part) => stated[part].length > 0) ? stated : null;
}
