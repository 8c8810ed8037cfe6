import type { StatedPlatforms } from '@sluice/contracts';
import { isObject } from '@sluice/intake';
import { readPlatforms } from './read-platforms.ts';

/** One entry of a package-lock.json with the fields that npm follows, from either of its halves. */
export interface LockEntry {
  name: string | undefined;
  version: string | undefined;
  resolved: string | undefined;
  integrity: string | undefined;
  /** Version 1 only: the spec that was asked for. npm follows it where there is neither pin nor address. */
  from: string | undefined;
  link: boolean;
  dev: boolean;
  optional: boolean;
  /** Platforms on which npm places it, leaving it out on others. One that is not optional fails there, `devOptional` included. */
  platforms: StatedPlatforms | null;
  /** `inBundle`, or `bundled` in version 1. */
  inBundle: boolean;
  /** The package brings a lockfile of its own, which decides the packages that npm places below it. */
  hasOwnLockfile: boolean;
  /**
   * Names that it needs, whether or not they may be left out, each with all that it asks for: a range, a tag, a place.
   * Which of several groups counts depends on where the entry stands and on npm's version, so all are looked at.
   */
  dependencies: Map<string, Set<string>>;
  /** Of them those that npm fetches when the lockfile has no entry for them; peers may be left to the project. */
  needed: Set<string>;
  /** Names whose packages are within its own archive. */
  bundles: Set<string>;
}

const texts = ['name', 'version', 'resolved', 'integrity', 'from'] as const;
/** Fields that some versions of npm follow although a lockfile never has them. */
const foreignFields = ['_resolved', '_integrity', '_from', '_hasShrinkwrap', '_spec'];

/**
 * Reads an entry as npm does: a falsy field is absent, any truthy flag is set.
 * @returns why it cannot be read, where npm would fail or follow something that is not judged.
 */
export function readLockEntry(raw: unknown): LockEntry | string {
  if (!isObject(raw)) return 'Its entry is no object.';
  const fields = raw;
  const odd = texts.find((field) => Boolean(fields[field]) && typeof fields[field] !== 'string');
  if (odd) return `Its "${odd}" is no text.`;
  const foreign = foreignFields.find((field) => fields[field]);
  if (foreign) return `It has "${foreign}", which no lockfile has and some installers follow.`;
  const textOf = (field: (typeof texts)[number]) => (fields[field] as string | undefined) || undefined;
  const optional = namesOf(fields.optionalDependencies);
  const listed = [fields.dependencies, fields.requires, fields.devDependencies].flatMap(namesOf);
  const { peerDependencies, devDependencies, requires, dependencies, optionalDependencies } = fields;
  const groups = [peerDependencies, devDependencies, requires, dependencies, optionalDependencies];
  return {
    name: textOf('name'),
    version: textOf('version'),
    resolved: textOf('resolved'),
    integrity: textOf('integrity'),
    from: textOf('from'),
    link: Boolean(fields.link),
    dev: Boolean(fields.dev),
    optional: Boolean(fields.optional ?? fields.devOptional),
    platforms: fields.optional ? readPlatforms(fields) : null,
    inBundle: Boolean(fields.inBundle ?? fields.bundled),
    hasOwnLockfile: Boolean(fields.hasShrinkwrap),
    dependencies: asksOf(groups),
    needed: new Set([...listed, ...optional]),
    bundles: new Set(bundledNames(fields.bundleDependencies ?? fields.bundledDependencies, listed)),
  };
}

/** All specs by name; a spec that is no text allows any version. */
function asksOf(groups: unknown[]): Map<string, Set<string>> {
  const asks = new Map<string, Set<string>>();
  for (const group of groups) {
    for (const name of namesOf(group)) {
      const spec = (group as Record<string, unknown>)[name];
      const known = asks.get(name) ?? new Set();
      asks.set(name, known.add(typeof spec === 'string' ? spec : '*'));
    }
  }
  return asks;
}

function namesOf(group: unknown): string[] {
  return isObject(group) ? Object.keys(group) : [];
}

/** `true` stands for all dependencies, and an object for its keys: `@npmcli/package-json`, `normalize.js`. */
function bundledNames(bundle: unknown, dependencies: string[]): string[] {
  if (bundle === true) return dependencies;
  if (Array.isArray(bundle)) return bundle.filter((name) => typeof name === 'string');
  return namesOf(bundle);
}
