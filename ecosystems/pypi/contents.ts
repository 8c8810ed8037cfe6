import type { PackageContents, PackageRule } from '@sluice/inspection/inspect';
import type { CoreMetadata } from './core-metadata.ts';

/** A distribution as its own rules see it. */
export interface PypiContents extends PackageContents {
  kind: 'wheel' | 'sdist';
  /** METADATA or PKG-INFO; null for none, and for one that is no text. */
  metadata: CoreMetadata | null;
  /** Folders of metadata in a wheel: pip refuses several. */
  infoFolders: readonly string[];
  /** `.pth` files at the top of a wheel, which the interpreter reads at each start, with their texts; null for no text. */
  pathFiles: ReadonlyMap<string, string | null>;
  /** The build of a source distribution. */
  build: BuildStatement;
}

/** How a source distribution says that it is built. */
export interface BuildStatement {
  /** `setuptools.build_meta`; null where nothing is stated, which stands for setuptools. */
  backend: string | null;
  /** Folders of the distribution that the backend is loaded from. */
  backendPaths: readonly string[];
  /** Requirements of the build. */
  requires: readonly string[];
  /** Why the statement cannot be read. */
  problem: string | null;
}

export type PypiPackageRule = PackageRule<PypiContents>;
