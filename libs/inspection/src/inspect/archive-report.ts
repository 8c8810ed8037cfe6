import type { Finding } from '@sluice/contracts';
import type { PackageManifest } from '../package-manifest.ts';

/** The content of one archive, independent of the package version that has it. Kept by the archive's digest. */
export interface ArchiveReport {
  status: 'scanned' | 'unscannable';
  reason: string | null;
  detail: string | null;
  /** Sorted; at most `reportFindingsMax`. */
  findings: Finding[];
  findingsTotal: number;
  licenseTexts: { file: string; expression: string; score: number }[];
  manifest: PackageManifest | null;
  entryCount: number;
  unpackedSizeBytes: number;
  /** The files that the package manager installs, in order of the archive; at most `reportFilesMax`. */
  files: { path: string; sizeBytes: number }[];
  /** `h1` hashes over its files, in hex; absent for ecosystems that have none. */
  contentHashes?: string[] | undefined;
}

export const reportFindingsMax = 1_000;
export const reportFilesMax = 5_000;

/** The report of an archive that was refused or defeated the scan. */
export function unscannableReport(reason: string, detail: string): ArchiveReport {
  return {
    status: 'unscannable',
    reason,
    detail,
    findings: [],
    findingsTotal: 0,
    licenseTexts: [],
    manifest: null,
    entryCount: 0,
    unpackedSizeBytes: 0,
    files: [],
  };
}
