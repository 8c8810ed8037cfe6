import type { ItemCollector } from '@sluice/intake';
import { placeAt } from './entry-fields.ts';

/** Splits `@scope/name@range`; without a range, it is empty. */
export function splitAtVersion(pattern: string): { name: string; range: string } {
  const at = pattern.indexOf('@', 1);
  return at === -1
    ? { name: pattern, range: '' }
    : { name: pattern.slice(0, at), range: pattern.slice(at + 1) };
}

/**
 * Lists dependencies of which the lockfile has no entry at all: Yarn would choose a version anew. Which entry a range leads
 * to cannot be told here, because `resolutions` in package.json change it.
 * @param needed by name, who needs it.
 */
export function missingNames(
  collector: ItemCollector,
  known: ReadonlySet<string>,
  needed: ReadonlyMap<string, string>,
): void {
  for (const [name, by] of needed) {
    if (known.has(name)) continue;
    const place = placeAt(`${by}>${name}`);
    collector.addMissing(place, name, `${by} needs it, and the lockfile has no entry for it.`);
  }
}
