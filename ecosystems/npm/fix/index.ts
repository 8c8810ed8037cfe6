import type { Fix, Fixer, FixPlan } from '@sluice/intake';
import semver from 'semver';
import { readLockPackages, type LockPackage } from './lock-packages.ts';

/** Replaces held package versions in lockfiles of npm, by `overrides` and by the project's own dependencies. */
export const npmFixer: Fixer = {
  type: 'npm',
  fileNames: ['package-lock.json', 'npm-shrinkwrap.json'],
  manifest: 'package.json',
  packages: (lockfile) => [...new Set(readLockPackages(lockfile).map(({ name }) => name))],
  plan,
};

function plan(lockfile: Uint8Array, approved: ReadonlyMap<string, readonly string[]>): FixPlan {
  const made: FixPlan = { fixes: [], impossible: [], patch: {} };
  const overrides: Record<string, Record<string, string>> = {};
  for (const held of readLockPackages(lockfile)) {
    const versions = approved.get(held.name) ?? [];
    if (versions.includes(held.version)) continue;
    const outcome = findFix(held, versions);
    if (typeof outcome === 'string') {
      made.impossible.push({ name: held.name, version: held.version, why: outcome });
      continue;
    }
    made.fixes.push(outcome);
    for (const { project, field, by, as } of held.dependents) {
      const spec = as === held.name ? outcome.to : `npm:${held.name}@${outcome.to}`;
      if (by) (overrides[overrideKey(by)] ??= {})[as] = spec;
      else if (project === '')
        made.patch[field] = { ...(made.patch[field] as object | undefined), [as]: spec };
    }
  }
  if (Object.keys(overrides).length > 0) made.patch['overrides'] = overrides;
  return made;
}

/**
 * The key of a package in `overrides`, which also overrides the spec that it is asked for by: of a direct dependency only the project's own
 * spec may stand there (EOVERRIDE otherwise).
 */
function overrideKey({ name, version, dependents }: LockPackage): string {
  const direct = dependents.find(({ project }) => project === '');
  return `${direct?.as ?? name}@${direct?.range ?? version}`;
}

/** @returns the nearest approved version, or why there is none. */
function findFix(
  { name, version, isBundled, dependents }: LockPackage,
  approved: readonly string[],
): Fix | string {
  if (isBundled) return 'It is inside the archive of another package: replace that one.';
  if (approved.length === 0) return 'No version of it is approved.';
  const workspace = dependents.find(({ project }) => project !== null && project !== '')?.project;
  if (workspace) return `The workspace ${workspace} asks for it itself: change its manifest.`;
  const ranges = [...new Set(dependents.map(({ range }) => range))].toSorted();
  const odd = ranges.find((range) => semver.validRange(range) === null);
  if (odd !== undefined) return `It is asked for as "${odd}", which is no range of versions.`;
  const fitting = approved.filter((one) => ranges.every((range) => semver.satisfies(one, range)));
  const to = nearest(version, fitting);
  if (to === null) {
    const newest = semver.rsort([...approved].filter((one) => semver.valid(one) !== null))[0];
    return `No approved version is in ${ranges.join(' and ')}; the highest approved one is ${newest ?? 'none'}.`;
  }
  return { name, from: version, to, ranges };
}

/** The highest version below, of the same major where there is one; else the lowest above. */
function nearest(version: string, versions: readonly string[]): string | null {
  const sorted = semver.sort([...versions]);
  const below = sorted.filter((one) => semver.lt(one, version));
  const sameMajor = below.filter((one) => semver.major(one) === semver.major(version));
  return sameMajor.at(-1) ?? below.at(-1) ?? sorted.find((one) => semver.gt(one, version)) ?? null;
}
