/** How held package versions of a lockfile are replaced by approved ones. */
export interface FixPlan {
  /** Package versions that have another one in their place. */
  fixes: Fix[];
  /** Held package versions that nothing approved can stand for. */
  impossible: { name: string; version: string; why: string }[];
  /** Fields for the project's manifest, merged into it: objects by their keys, other values in place of those that are there. */
  patch: Record<string, unknown>;
}

export interface Fix {
  name: string;
  from: string;
  to: string;
  /** Ranges that the other package versions of the lockfile ask for, all of which the new one is in. */
  ranges: string[];
}

/** Makes plans for the lockfiles of one package manager. Pure. */
export interface Fixer {
  /** purl type. */
  type: string;
  /** Names of its lockfiles. */
  fileNames: readonly string[];
  /** The project's manifest, which the patch is for, beside the lockfile. */
  manifest: string;
  /** Names of the packages in a lockfile. @throws PermanentError `lockfile.invalid` and those of reading JSON. */
  packages(lockfile: Uint8Array): string[];
  /** @param approved versions that may be installed, by name. */
  plan(lockfile: Uint8Array, approved: ReadonlyMap<string, readonly string[]>): FixPlan;
}
