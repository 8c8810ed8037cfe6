import { PermanentError, type Submission } from '@sluice/contracts';
import { z } from 'zod';
import { ItemCollector, type Place } from './item-collector.ts';
import { npmSource } from './npm-source.ts';

const flag = z.boolean().optional().catch(undefined);
const text = z.string().optional().catch(undefined);

/** Only what is used, and leniently: npm has written many things into these files over the years. */
const entryFields = {
  version: text,
  resolved: text,
  integrity: text,
  dev: flag,
  optional: flag,
  devOptional: flag,
};
const packageEntry = z.object({ ...entryFields, name: text, link: flag, inBundle: flag });
const rootEntry = z.object({
  dependencies: z.record(z.string(), z.unknown()).optional(),
  devDependencies: z.record(z.string(), z.unknown()).optional(),
  optionalDependencies: z.record(z.string(), z.unknown()).optional(),
  peerDependencies: z.record(z.string(), z.unknown()).optional(),
});
const dependencyEntry = z.object({
  ...entryFields,
  bundled: flag,
  dependencies: z.record(z.string(), z.unknown()).optional(),
});

const lockfileSchema = z.object({
  name: text,
  lockfileVersion: z.number().optional(),
  packages: z.record(z.string(), z.unknown()).optional(),
  dependencies: z.record(z.string(), z.unknown()).optional(),
});

/** True for a package-lock.json or npm-shrinkwrap.json of any version, known or not. */
export function isPackageLock(json: unknown): boolean {
  const parsed = lockfileSchema.safeParse(json);
  if (!parsed.success) return false;
  const { lockfileVersion, packages, dependencies } = parsed.data;
  if (lockfileVersion !== undefined) return true;
  // npm 4 and older wrote shrinkwraps without a version; a package.json has ranges, not objects, as dependencies.
  return (
    packages === undefined &&
    dependencies !== undefined &&
    Object.values(dependencies).every((entry) => typeof entry === 'object')
  );
}

/**
 * Reads a package-lock.json or npm-shrinkwrap.json of lockfileVersion 1, 2 or 3.
 * Every entry becomes part of exactly one item, so that the items' places add up to the entries.
 * @throws PermanentError `lockfile.unknown-version`, `lockfile.invalid`, `input.invalid`, `input.too-many-packages`.
 * @see https://docs.npmjs.com/cli/configuring-npm/package-lock-json
 */
export function parsePackageLock(json: unknown, itemsMax: number): Submission {
  const { name, lockfileVersion = 1, packages, dependencies } = lockfileSchema.parse(json);
  const collector = new ItemCollector(itemsMax);
  if (lockfileVersion === 2 || lockfileVersion === 3) {
    if (!packages)
      throw new PermanentError(
        'lockfile.invalid',
        `A lockfile of version ${lockfileVersion} has "packages"; this one has not.`,
      );
    collectPackages(packages, collector);
  } else if (lockfileVersion === 1) {
    collectDependencies(dependencies ?? {}, '', collector);
  } else {
    throw new PermanentError(
      'lockfile.unknown-version',
      `lockfileVersion ${lockfileVersion} is not supported.`,
    );
  }
  return { format: `npm-package-lock@${lockfileVersion}`, projectName: name ?? null, ...collector.finish() };
}

/** Versions 2 and 3: a flat map from place to entry; the project itself is the entry without a place. */
function collectPackages(packages: Record<string, unknown>, collector: ItemCollector): void {
  const root = rootEntry.safeParse(packages['']).data ?? {};
  const direct = new Set(
    [root.dependencies, root.devDependencies, root.optionalDependencies, root.peerDependencies].flatMap(
      (group) => Object.keys(group ?? {}),
    ),
  );
  for (const [path, raw] of Object.entries(packages)) {
    if (path === '') continue;
    const entry = read(packageEntry, raw, path);
    const marker = path.lastIndexOf('node_modules/');
    const placedName = marker < 0 ? path : path.slice(marker + 'node_modules/'.length);
    const place: Place = {
      path,
      integrity: entry.integrity ?? null,
      dev: entry.dev ?? false,
      optional: entry.optional ?? entry.devOptional ?? false,
      bundled: entry.inBundle ?? false,
      direct: path === `node_modules/${placedName}` && direct.has(placedName),
    };
    const name = entry.name ?? placedName;
    if (entry.link) {
      collector.addUnassessable(
        place,
        name,
        entry.version,
        'source.link',
        'A link to a folder of the project itself.',
      );
    } else if (marker < 0) {
      collector.addUnassessable(
        place,
        name,
        entry.version,
        'source.workspace',
        'A part of the project itself.',
      );
    } else {
      collector.add(
        place,
        npmSource({ name, version: entry.version, resolved: entry.resolved }),
        name,
        entry.version,
      );
    }
  }
}

/** Version 1: a tree that mirrors the folders. */
function collectDependencies(
  dependencies: Record<string, unknown>,
  parent: string,
  collector: ItemCollector,
): void {
  for (const [name, raw] of Object.entries(dependencies)) {
    const path = `${parent}node_modules/${name}`;
    const entry = read(dependencyEntry, raw, path);
    const place: Place = {
      path,
      integrity: entry.integrity ?? null,
      dev: entry.dev ?? false,
      optional: entry.optional ?? false,
      bundled: entry.bundled ?? false,
      direct: false,
    };
    collector.add(
      place,
      npmSource({ name, version: entry.version, resolved: entry.resolved }),
      name,
      entry.version,
    );
    if (entry.dependencies) collectDependencies(entry.dependencies, `${path}/`, collector);
  }
}

function read<Entry>(schema: z.ZodType<Entry>, raw: unknown, path: string): Entry {
  const parsed = schema.safeParse(raw);
  if (!parsed.success)
    throw new PermanentError('lockfile.invalid', `The entry "${path.slice(0, 200)}" cannot be read.`);
  return parsed.data;
}
