import { PermanentError } from '@sluice/contracts';
import { isObject, parseSafeJson, type Json } from '@sluice/intake';
import { readAlias } from '../lockfiles/spec.ts';

/** A package version in a lockfile of npm, at one place of the tree. */
export interface LockPackage {
  place: string;
  name: string;
  version: string;
  /** It is inside the archive of the package above it. */
  isBundled: boolean;
  /** Those that resolve to it, with the range that they ask for. */
  dependents: Dependent[];
}

export interface Dependent {
  /** Folder of a project, `''` for the one of the lockfile; null for a package. */
  project: string | null;
  /** Field of its manifest. */
  field: string;
  /** The package that asks; null for a project. */
  by: LockPackage | null;
  /** Name under which it asks: another one than the package's for an alias. */
  as: string;
  range: string;
}

const fields = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const;
const folder = 'node_modules/';

/**
 * Reads a package-lock.json of version 2 or 3 with who asks for what. Packages without a version of a registry (links, git, files) are
 * left out.
 * Source: npm, "package-lock.json"; Node, "Loading from node_modules folders".
 * @throws PermanentError `lockfile.invalid`, and those of `parseSafeJson`.
 */
export function readLockPackages(lockfile: Uint8Array): LockPackage[] {
  const document = parseSafeJson(lockfile);
  const entries = isObject(document) ? document['packages'] : null;
  if (!isObject(entries))
    throw new PermanentError(
      'lockfile.invalid',
      'It has no "packages": write it anew with npm 7 or newer (lockfileVersion 2 or 3).',
    );
  const known = new Map<string, LockPackage>();
  for (const [place, entry] of Object.entries(entries)) {
    const found = readPackage(place, entry);
    if (found) known.set(place, found);
  }
  for (const [place, entry] of Object.entries(entries)) {
    if (isObject(entry)) addDependents(place, entry, known);
  }
  return [...known.values()];
}

function readPackage(place: string, entry: unknown): LockPackage | null {
  if (!isObject(entry) || !place.includes(folder) || entry['link'] === true) return null;
  const { name, version, inBundle, resolved } = entry;
  if (typeof version !== 'string') return null;
  if (typeof resolved === 'string' && !/^https?:/.test(resolved)) return null;
  return {
    place,
    name: typeof name === 'string' ? name : place.slice(place.lastIndexOf(folder) + folder.length),
    version,
    isBundled: inBundle === true,
    dependents: [],
  };
}

function addDependents(place: string, entry: Json, known: Map<string, LockPackage>): void {
  const self = known.get(place);
  // Only a project's own development dependencies are installed.
  const read = self ? fields : ([...fields, 'devDependencies'] as const);
  for (const field of read) {
    const asked = entry[field];
    if (!isObject(asked)) continue;
    for (const [as, spec] of Object.entries(asked)) {
      const target = findFrom(place, as, known);
      if (!target || typeof spec !== 'string') continue;
      const range = readAlias(spec)?.version ?? spec;
      target.dependents.push({
        project: self ? null : place,
        field,
        by: self ?? null,
        as,
        range,
      });
    }
  }
}

/** The package that is found under a name from a place: in its own folder, or in one above. */
function findFrom(place: string, name: string, known: Map<string, LockPackage>): LockPackage | null {
  for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (!at.endsWith('/node_modules') && at !== 'node_modules') {
      const found = known.get(`${at === '' ? '' : `${at}/`}${folder}${name}`);
      if (found) return found;
    }
    if (at === '') return null;
  }
}
