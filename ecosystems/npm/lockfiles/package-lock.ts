import { PermanentError, type Submission } from '@sluice/contracts';
import {
  isObject,
  jsonOf,
  objectOf,
  type FormatOptions,
  type Json,
  type LockfileFormat,
} from '@sluice/intake';
import { NpmLockReader, type NpmLockHalf } from './lock-reader.ts';

/** package-lock.json and npm-shrinkwrap.json. */
export const packageLockFormat: LockfileFormat = {
  id: 'npm-package-lock',
  fileName: /^(?:package-lock|npm-shrinkwrap)\.json$/,
  fits: ({ json }) => isPackageLock(json),
  parse(file, options) {
    const json = jsonOf(file);
    if (!isPackageLock(json))
      throw new PermanentError('lockfile.invalid', 'The file has no entries as npm writes them.');
    return parsePackageLock(json, options);
  },
};

/** True for a package-lock.json or npm-shrinkwrap.json of any version, known or not. */
function isPackageLock(json: unknown): json is Json {
  if (!isObject(json)) return false;
  const { lockfileVersion, packages, dependencies } = json;
  if (lockfileVersion !== undefined) return typeof lockfileVersion === 'number' && !('workspaces' in json);
  // npm 4 and older wrote shrinkwraps without a version; a package.json has ranges, not objects, as dependencies.
  if (packages !== undefined) return isObject(packages) && Object.hasOwn(packages, '');
  return isObject(dependencies) && Object.values(dependencies).every(isObject);
}

/**
 * Reads a package-lock.json or npm-shrinkwrap.json of lockfileVersion 1, 2 or 3 as npm does: `packages` counts
 * whenever it is there, for any stated version, and `dependencies` only without it.
 * Every entry becomes part of exactly one item, so that the items' places add up to the entries.
 * @throws PermanentError `lockfile.unknown-version`, `lockfile.invalid`, `input.invalid`, `input.too-many-packages`.
 * Source: https://docs.npmjs.com/cli/configuring-npm/package-lock-json and @npmcli/arborist, `shrinkwrap.js`.
 */
function parsePackageLock(json: Json, options: FormatOptions): Submission {
  const { name, lockfileVersion = 1, packages, dependencies } = json;
  if (![1, 2, 3].includes(lockfileVersion as number)) {
    throw new PermanentError(
      'lockfile.unknown-version',
      `lockfileVersion ${String(lockfileVersion)} is not supported.`,
    );
  }
  const half = halfOf(lockfileVersion as number, packages, dependencies);
  const reader = new NpmLockReader(half, options);
  return {
    format: `npm-package-lock@${String(lockfileVersion)}`,
    projectName: typeof name === 'string' ? name : null,
    ...reader.read(),
  };
}

/** The half of the file that npm reads. */
function halfOf(version: number, packages: unknown, dependencies: unknown): NpmLockHalf {
  // For npm a falsy value is absent, and an empty object is present.
  if (packages) {
    const hasOther = Boolean(dependencies);
    // Source: @npmcli/arborist, `#inflateAncientLockfile`.
    const statesPlatforms = version > 1;
    return { format: 'packages', entries: objectOf('packages', packages), hasOther, statesPlatforms };
  }
  const rest = { format: 'dependencies', hasOther: false, statesPlatforms: false } as const;
  if (dependencies) return { ...rest, entries: objectOf('dependencies', dependencies) };
  if (version === 1) return { ...rest, entries: {} };
  throw new PermanentError(
    'lockfile.invalid',
    `A lockfile of version ${version} has "packages"; this one has not.`,
  );
}
