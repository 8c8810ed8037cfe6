/** Negative, 0 or positive, as for sorting; null when one of the texts is no version. */
export type CompareVersions = (a: string, b: string) => number | null;

/** An ecosystem's rules for names and versions. */
export interface Names {
  /** purl type. */
  type: string;
  /** OSV's name of the ecosystem; null for one that OSV has no advisories of. */
  osvName: string | null;
  /** The one form of a name, for names that the ecosystem takes for the same package. */
  canonicalName(name: string): string;
  /** Whether the registry can have a package of this name. */
  isName(name: string): boolean;
  /** Whether a text is one version: no range and no tag. */
  isVersion(version: string): boolean;
  /** Orders versions as the package manager does, pre-releases included. */
  compareVersions: CompareVersions;
}
