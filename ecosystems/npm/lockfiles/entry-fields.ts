import { isObject, readPin, type Place } from '@sluice/intake';

/** A field of an entry; undefined when it is no text. */
export function textIn(entry: unknown, field: string): string | undefined {
  const value = isObject(entry) ? entry[field] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** A place of which the lockfile says nothing else. */
export function placeAt(path: string): Place {
  const pinned = readPin(undefined, path);
  return { path, pinned, dev: false, optional: false, bundled: false, direct: false };
}
