/** A package's statement of itself, as far as rules need it. Texts are untrusted and bounded. */
export interface PackageManifest {
  name: string | null;
  version: string | null;
  /** Commands by the name of their hook. */
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  /** Files that are run or loaded when the package is used. */
  entryPoints: string[];
}
