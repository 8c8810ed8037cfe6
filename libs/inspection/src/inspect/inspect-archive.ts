import type { Finding } from '@sluice/contracts';
import { isGypFile, readGypFacts, type GypFacts } from '../gyp/gyp-facts.ts';
import { ArchiveRefused } from '../archive/archive-refused.ts';
import { readTarball } from '../archive/read-tarball.ts';
import { packageRules } from '../rules/archive-rules.ts';
import type { FileSummary, PackageContents, PackagePart } from '../rules/rule.ts';
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
import { packageFolder, parsePackageManifest, type ReadManifest } from './package-manifest.ts';

/** Code here does not run in normal use, unless other code loads it. */
const supporting =
  /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?|__fixtures__|examples?|docs?|benchmarks?|coverage)\//i;

/**
 * Reads an npm tarball and applies every rule that needs nothing but the archive. Deterministic: the same bytes give
 * the same report.
 * @throws errors of the source; a hostile or damaged archive is a report of status `unscannable`.
 */
export async function inspectArchive(source: AsyncIterable<Uint8Array>): Promise<ArchiveReport> {
  const inspected: Inspected = {
    files: new Map(),
    findings: [],
    texts: new Map(),
    gyp: new Map(),
    manifests: new Map(),
    paths: [],
  };
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

/** A package with more is no addon; the content of further ones counts as not understood. */
const gypFilesMax = 500;

interface Inspected {
  files: Map<string, FileSummary>;
  findings: InspectedFile['findings'];
  /** License files and README, by path. */
  texts: Map<string, string>;
  gyp: Map<string, GypFacts>;
  /** By folder; the package itself under the empty one. */
  manifests: Map<string, ReadManifest>;
  paths: ArchiveReport['files'];
}

function take(inspected: Inspected, path: string, { summary, findings, text }: InspectedFile): void {
  inspected.files.set(path, summary);
  inspected.findings.push(...findings);
  if (isGypFile(path)) {
    if (inspected.gyp.size < gypFilesMax) inspected.gyp.set(path, readGypFacts(text, summary.sizeBytes));
    return;
  }
  const folder = packageFolder(path);
  if (folder !== null) {
    const isText = text !== null;
    const read = isText ? parsePackageManifest(text, summary.sizeBytes) : unreadable('It is no text');
    inspected.manifests.set(folder, read);
  } else if (text !== null) inspected.texts.set(path, text);
}

function toReport(
  { files, findings, texts, gyp, manifests, paths }: Inspected,
  archive: Awaited<ReturnType<typeof readTarball>>,
): ArchiveReport {
  const own = manifests.get('') ?? unreadable('There is none');
  manifests.delete('');
  const bundled = [...manifests].map(([folder, read]): PackagePart => ({ folder, ...read }));
  const contents: PackageContents = {
    packages: [{ folder: '', ...own }, ...bundled],
    notes: archive.notes,
    files,
    gyp,
  };
  const all = sortFindings([...fileFindings(findings, contents), ...packageFindings(contents)]);
  return {
    status: 'scanned',
    reason: null,
    detail: null,
    findings: all.slice(0, reportFindingsMax),
    findingsTotal: all.length,
    licenseTexts: findLicenseTexts(texts),
    manifest: own.manifest,
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

function unreadable(problem: string): ReadManifest {
  return { manifest: null, problem };
}
