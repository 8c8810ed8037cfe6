import { satisfies } from '@renovatebot/pep440';
import { PermanentError } from '@sluice/contracts';
import { shown } from '@sluice/intake';
import { pypiNames } from '../names.ts';
import { pinnedVersion, readRequirement, type Requirement } from '../requirement.ts';
import type { IncludedLine } from './requirements-files.ts';

interface Constraint {
  version: string;
  hashes: string[];
}

/** What a requirement asks for, once constraints were applied to it. */
export interface Constrained {
  /** The one version; null for a range. */
  version: string | null;
  hashes: readonly string[];
  /** Why no version fits; null when one does. */
  conflict: string | null;
}

/** The versions that constraint files (`-c`) give to packages that are asked for elsewhere. */
export class Constraints {
  readonly #byName = new Map<string, Constraint[]>();

  /**
   * A constraint that is no single version, or holds under a marker, decides nothing here: what it leaves open is listed as such.
   * @param lines of constraint files.
   * @throws PermanentError `lockfile.invalid` for a line that is no requirement.
   */
  constructor(lines: readonly IncludedLine[]) {
    for (const { path, requirement, options } of lines.filter((line) => line.requirement !== '')) {
      const read = readRequirement(requirement);
      if (read === null)
        throw new PermanentError('lockfile.invalid', `${path}: "${shown(requirement)}" is no constraint.`);
      const version = pinnedVersion(read.specifier);
      if (version === null || read.url !== null || read.marker !== null) continue;
      const name = pypiNames.canonicalName(read.name);
      const hashes = options.filter((option) => option.name === 'hash').map(({ value }) => value);
      this.#byName.set(name, [...(this.#byName.get(name) ?? []), { version, hashes }]);
    }
  }

  /** @param own hashes that stand with the requirement. */
  applyTo({ name, specifier }: Requirement, own: readonly string[]): Constrained {
    const found = this.#byName.get(pypiNames.canonicalName(name)) ?? [];
    const [first] = found;
    if (first === undefined) return { version: pinnedVersion(specifier), hashes: own, conflict: null };
    const version = pinnedVersion(specifier) ?? first.version;
    const other = found.find((one) => !isSame(one.version, version));
    const hashes = found.map((one) => one.hashes).reduce<readonly string[] | null>(inBoth, own);
    return { version, hashes: hashes ?? [], conflict: conflictOf() };

    function conflictOf(): string | null {
      const asked = `A constraint asks for ${shown(other?.version ?? version)}`;
      if (other) return `${asked}, and something else for ${shown(version)}: no version fits.`;
      if (hashes === null)
        return `${asked} with other hashes than those beside the requirement: no file fits.`;
      if (specifier === '' || pinnedVersion(specifier) !== null) return null;
      return satisfies(version, specifier, { prereleases: true })
        ? null
        : `${asked}, which is none of ${shown(specifier)}.`;
    }
  }
}

function isSame(a: string, b: string): boolean {
  return a === b || pypiNames.compareVersions(a, b) === 0;
}

/** A file has to have a hash of each list that has some, as in pip. @returns null when no file could. */
function inBoth(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null || b === null) return null;
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const both = a.filter((hash) => b.includes(hash));
  return both.length === 0 ? null : both;
}
