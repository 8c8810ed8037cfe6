import type { PackageContents, PackageRule } from '@sluice/inspection/inspect';
import type { GypFacts } from './gyp/gyp-facts.ts';
import type { ReadManifest } from './manifest.ts';

/** The package of an archive, or one that is bundled within it. */
export interface PackagePart extends ReadManifest {
  /** With a slash at its end: `node_modules/a/`; empty for the package itself. */
  folder: string;
}

export interface NpmContents extends PackageContents {
  /** The package itself first. npm runs the install scripts of bundled ones as well. */
  packages: PackagePart[];
  /** What loads as a folder, by the folder with a slash at its end; empty for the package itself. */
  mains: ReadonlyMap<string, string>;
  /** Of files named `.gyp` or `.gypi`. */
  gyp: ReadonlyMap<string, GypFacts>;
}

export type NpmPackageRule = PackageRule<NpmContents>;
