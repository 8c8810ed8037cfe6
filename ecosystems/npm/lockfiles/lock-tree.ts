import { PermanentError } from '@sluice/contracts';
import type { LockEntry } from './lock-entry.ts';
import { enclosingPlace } from './place.ts';
import { PlaceFinder } from './place-finder.ts';
import { namesPlace, namesTag } from './spec.ts';

/** Dependencies in one lockfile: a large one has 10,000, and each costs a walk up the folders. */
const dependenciesMax = 200_000;

/** A dependency that the lockfile has no entry for: `npm ci` refuses that, and `npm install` fetches any version. */
export interface MissingDependency {
  /** The place that needs it; empty for the project itself. */
  place: string;
  name: string;
}

export interface NpmLockTree {
  /**
   * The place of the package whose archive holds the one at this place, or null when npm fetches it by itself.
   * A package that is marked as bundled and needed by no other is never placed by itself: it is part of the enclosing one.
   */
  bundlerOf(place: string): string | null;
  missing: MissingDependency[];
  /** Dependencies that are asked for from a place of their own or by a tag, with the entry that should be theirs. */
  placed: PlacedDependency[];
}

/** A dependency on an address, a repository, a folder, another name or a tag. */
export interface PlacedDependency {
  /** The place that asks; empty for the project itself. */
  place: string;
  name: string;
  spec: string;
  /** The place where it is found. */
  target: string;
}

/**
 * Follows the dependencies of a lockfile, each to the place where Node finds it.
 * Source: @npmcli/arborist, `getBundler` of `node.js`, and `assignBundles` of `load-virtual.js` for version 1.
 * @param entries by place; the project itself at the empty place.
 * @param format in version 1 (`dependencies`) the entries say themselves that they are bundled, and it counts where the
 * package that encloses them needs them; later the package that encloses them lists them.
 * @throws PermanentError `lockfile.invalid` for more dependencies than any project has.
 */
export function readLockTree(
  entries: ReadonlyMap<string, LockEntry>,
  format: 'packages' | 'dependencies',
): NpmLockTree {
  const finder = new PlaceFinder(entries.keys());
  const find: Find = (place, name) => finder.find(place, name);
  const { wanted, missing, placed } = followAll(entries, find);
  const bundlers = findBundlers(entries, format, find);
  return {
    bundlerOf(place) {
      const parent = enclosingPlace(place);
      const isIdle = entries.get(place)?.inBundle === true && !wanted.has(place);
      return bundlers.get(place) ?? (isIdle && parent !== '' && entries.has(parent) ? parent : null);
    },
    missing: missing.filter(({ place }) => !bundlers.has(place)),
    placed,
  };
}

/** Which places something depends on, and which dependencies lead nowhere. */
function followAll(entries: ReadonlyMap<string, LockEntry>, find: Find) {
  const wanted = new Set<string>();
  const missing: MissingDependency[] = [];
  const placed: PlacedDependency[] = [];
  let followed = 0;
  for (const [place, { dependencies, needed }] of entries) {
    followed += dependencies.size;
    if (followed > dependenciesMax) {
      const message = `A lockfile may state ${dependenciesMax} dependencies.`;
      throw new PermanentError('lockfile.invalid', message);
    }
    for (const [name, specs] of dependencies) {
      const target = find(place, name);
      for (const spec of target === null ? [] : specs) {
        if (namesPlace(spec) || namesTag(spec)) placed.push({ place, name, spec, target: target! });
      }
      if (target !== null) wanted.add(target);
      else if (needed.has(name)) missing.push({ place, name });
    }
  }
  return { wanted, missing, placed };
}

/** By place, the place of the outermost package whose archive holds it. */
function findBundlers(
  entries: ReadonlyMap<string, LockEntry>,
  format: string,
  find: Find,
): Map<string, string> {
  const bundlers = new Map<string, string>();
  const children = new Map<string, string[]>();
  const found: string[] = [];
  const add = (place: string, bundler: string) => {
    if (bundlers.has(place)) return;
    bundlers.set(place, bundler);
    found.push(place);
  };
  // Parents first: a package bundled within a bundled one belongs to the outermost archive.
  for (const place of [...entries.keys()].toSorted((a, b) => a.length - b.length)) {
    const parent = enclosingPlace(place);
    const enclosing = entries.get(parent);
    // The bundle list of the project itself is for publishing it: packages on it are fetched like all others.
    if (parent === '' || !enclosing) continue;
    const siblings = children.get(parent);
    if (siblings) siblings.push(place);
    else children.set(parent, [place]);
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const isListed =
      format === 'packages'
        ? enclosing.bundles.has(name)
        : entries.get(place)!.inBundle && enclosing.dependencies.has(name);
    if (isListed) add(place, bundlers.get(parent) ?? parent);
  }
  // Dependencies of bundled packages found beside them are in the same archive, and so are the packages that they enclose.
  for (let next = found.pop(); next !== undefined; next = found.pop()) {
    const bundler = bundlers.get(next)!;
    for (const child of children.get(next) ?? []) add(child, bundler);
    for (const name of entries.get(next)!.dependencies.keys()) {
      const target = find(next, name);
      if (target !== null && enclosingPlace(target) === bundler) add(target, bundler);
    }
  }
  return bundlers;
}

type Find = (place: string, name: string) => string | null;
