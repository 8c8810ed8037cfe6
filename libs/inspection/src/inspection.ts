import type { ArchiveFile, ArchiveSummary, FileSink } from './archive/read-tarball.ts';
import type { PackageManifest } from './package-manifest.ts';
import type { Finding } from '@sluice/contracts';
import type { PackageContents } from './rules/rule.ts';

/** An ecosystem's part of the inspection of an archive. Runs in the sandbox's child. */
export interface Inspection {
  /** purl type. */
  type: string;
  /**
   * Reads an archive as the package manager extracts it.
   * @param visit called for each regular file before its bytes; returns the sink of the bytes, or null to skip them.
   * @throws ArchiveRefused when the archive cannot be trusted or is beyond the limits; errors of the source.
   */
  readArchive(
    source: AsyncIterable<Uint8Array>,
    visit: (file: ArchiveFile) => FileSink | null,
  ): Promise<ArchiveSummary>;
  /** Starts the inspection of one archive. */
  readPackage(): PackageReader;
}

/** Understands the files of one archive as a package of its ecosystem. */
export interface PackageReader {
  /** Characters of a file's text that `take` needs; 0 for a file that it does not need. */
  textLimitOf(path: string): number;
  /**
   * Where a file stands as one of the package's own license files: `LICENSE` for one that the ecosystem keeps in a folder of its
   * own; null for any other file. Without it, license files are those at the top.
   */
  licensePathOf?(path: string): string | null;
  /**
   * Whether it reads the code of a file itself, so that general rules over a file's code are left out and only those over its text
   * run.
   */
  readsCode?(path: string): boolean;
  /**
   * Takes a file that it needs.
   * @param text its first `textLimitOf` characters; null when the file is no text.
   */
  take(path: string, text: string | null, sizeBytes: number): void;
  /** The package, once all files were read. */
  end(contents: PackageContents): InspectedPackage;
}

export interface InspectedPackage {
  manifest: PackageManifest | null;
  /** Files that run when the package is installed. */
  installFiles(): ReadonlySet<string>;
  /** Files that run when the package is used or installed. */
  reachableFiles(): ReadonlySet<string>;
  /** Findings of the ecosystem's own rules. */
  findings(): Finding[];
}
