/** A package's statement of itself, as far as rules need it. Texts are untrusted and bounded. */
export interface PackageManifest {
  name: string | null;
  version: string | null;
  /** Commands by the name of their hook. */
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  /** The file that is loaded under the package's name, as stated; null where none is. */
  main: string | null;
  /** Files of the programs that it installs, by their names. */
  bin: Record<string, string>;
  /** Files that are run or loaded when the package is used. */
  entryPoints: string[];
  /** Formats of native executables by their paths, `ELF`; for rules that know the platform of the archive. */
  executables?: Record<string, string> | undefined;
}
