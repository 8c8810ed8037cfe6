import type { Finding } from '@sluice/contracts';
import { ArchiveRefused } from '../archive/archive-refused.ts';
import { readTarball } from '../archive/read-tarball.ts';
import { packageRules } from '../rules/archive-rules.ts';
import type { FileSummary, PackageContents } from '../rules/rule.ts';
import {
  reportFilesMax,
  reportFindingsMax,
  unscannableReport,
  type ArchiveReport,
} from './archive-report.ts';
import { sortFindings, toFinding } from './finding-list.ts';
import { inspectFile, type InspectedFile } from './inspect-file.ts';
import { installFiles, reachableFiles } from './install-files.ts';
import { findLicenseTexts } from './license-texts.ts';
import { parsePackageManifest, type PackageManifest } from './package-manifest.ts';

/** Code here is not what a package does, unless something that it does leads there. */
const supporting =
  /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?|__fixtures__|examples?|docs?|benchmarks?|coverage)\//i;

/**
 * Reads an npm tarball and applies every rule that needs nothing but the archive. Deterministic: the same bytes give
 * the same report.
 * @throws whatever the source fails with; a hostile or damaged archive is a report of status `unscannable`.
 */
export async function inspectArchive(source: AsyncIterable<Uint8Array>): Promise<ArchiveReport> {
  const inspected: Inspected = { files: new Map(), findings: [], texts: new Map(), paths: [] };
  try {
    const archive = await readTarball(source, (file) => {
      if (inspected.paths.length < reportFilesMax) {
        inspected.paths.push({ path: file.path, sizeBytes: file.sizeBytes });
      }
      return inspectFile(file, (result) => take(inspected, file.path, result));
    });
    return toReport(inspected, archive);
  } catch (error) {
    if (error instanceof ArchiveRefused) return unscannableReport(error.reason, error.message);
    throw error;
  }
}

interface Inspected {
  files: Map<string, FileSummary>;
  findings: InspectedFile['findings'];
  /** License files, README and package.json, by path. */
  texts: Map<string, string>;
  paths: ArchiveReport['files'];
}

function take(inspected: Inspected, path: string, { summary, findings, text }: InspectedFile): void {
  inspected.files.set(path, summary);
  inspected.findings.push(...findings);
  if (text !== null) inspected.texts.set(path, text);
}

function toReport(
  { files, findings, texts, paths }: Inspected,
  archive: Awaited<ReturnType<typeof readTarball>>,
): ArchiveReport {
  const { manifest, problem } = readManifest(texts.get('package.json'));
  const contents: PackageContents = { manifest, manifestProblem: problem, notes: archive.notes, files };
  const all = sortFindings([...fileFindings(findings, contents), ...packageFindings(contents)]);
  return {
    status: 'scanned',
    reason: null,
    detail: null,
    findings: all.slice(0, reportFindingsMax),
    findingsTotal: all.length,
    licenseTexts: findLicenseTexts(texts),
    manifest,
    entryCount: archive.entryCount,
    unpackedSizeBytes: archive.unpackedSizeBytes,
    files: paths,
  };
}

/** A finding weighs more where an install script runs it, and less where nothing does. */
function fileFindings(findings: InspectedFile['findings'], contents: PackageContents): Finding[] {
  if (findings.length === 0) return [];
  const atInstall = installFiles(contents);
  const reachable = reachableFiles(contents);
  return findings.map(({ path, finding, tierAtInstall }) => {
    if (finding.tier === 'review' && tierAtInstall && atInstall.has(path)) {
      return { ...finding, tier: tierAtInstall, severity: 'critical' };
    }
    return supporting.test(path) && !reachable.has(path) ? { ...finding, tier: 'note' } : finding;
  });
}

function packageFindings(contents: PackageContents): Finding[] {
  return packageRules.flatMap((rule) => [...rule.check(contents)].map((hit) => toFinding(rule, hit)));
}

function readManifest(text: string | undefined): {
  manifest: PackageManifest | null;
  problem: string | null;
} {
  if (text === undefined) return { manifest: null, problem: 'The archive has no package.json' };
  try {
    return { manifest: parsePackageManifest(text), problem: null };
  } catch {
    return { manifest: null, problem: 'The package.json in the archive is not valid JSON' };
  }
}
