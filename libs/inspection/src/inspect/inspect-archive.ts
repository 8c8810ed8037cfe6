import type { Finding } from '@sluice/contracts';
import { ArchiveRefused } from '../archive/archive-refused.ts';
import type { ArchiveSummary } from '../archive/read-tarball.ts';
import type { InspectedPackage, Inspection } from '../inspection.ts';
import { fileRules, packageRules, textRules } from '../rules/archive-rules.ts';
import type { FileSummary, PackageContents } from '../rules/rule.ts';
import { isSupporting } from '../rules/supporting-files.ts';
import {
  reportFilesMax,
  reportFindingsMax,
  unscannableReport,
  type ArchiveReport,
} from './archive-report.ts';
import { sortFindings, toFinding } from './finding-list.ts';
import { FilesPutOff } from './files-put-off.ts';
import { inspectFile, type InspectedFile } from './inspect-file.ts';
import { findLicenseTexts, licenseTextMaxBytes, mayHoldLicense } from './license-texts.ts';

/**
 * Reads an archive and applies every rule that needs nothing but the archive. Deterministic: the same bytes give the
 * same report.
 * @throws errors of the source; a hostile or damaged archive is a report of status `unscannable`.
 */
export async function inspectArchive(
  source: AsyncIterable<Uint8Array>,
  inspection: Inspection,
): Promise<ArchiveReport> {
  const reader = inspection.readPackage();
  const inspected: Inspected = { files: new Map(), findings: [], texts: new Map(), paths: [] };
  const putOff = new FilesPutOff();
  try {
    const archive = await inspection.readArchive(source, (file) => {
      const { path, sizeBytes } = file;
      if (inspected.paths.length < reportFilesMax) inspected.paths.push({ path, sizeBytes });
      const readerMax = reader.textLimitOf(path);
      const licensePath = reader.licensePathOf?.(path) ?? path;
      const textMax = readerMax || (mayHoldLicense(licensePath) ? licenseTextMaxBytes : 0);
      const rules = reader.readsCode?.(path) ? textRules : fileRules;
      return inspectFile(file, { textLimit: textMax, rules }, (read) => {
        const { text, later } = read;
        const { summary, findings } = (later && putOff.add(path, later)) ?? read;
        inspected.files.set(path, summary);
        inspected.findings.push(...findings);
        if (readerMax > 0) reader.take(path, text, sizeBytes);
        else if (text !== null) inspected.texts.set(licensePath, text);
      });
    });
    const contents: PackageContents = { notes: archive.notes, files: inspected.files };
    const manifest = reader.end(contents);
    readPutOff(putOff, inspected, manifest);
    return toReport(inspected, archive, contents, manifest);
  } catch (error) {
    if (error instanceof ArchiveRefused) return unscannableReport(error.reason, error.message);
    throw error;
  }
}

interface Inspected {
  files: Map<string, FileSummary>;
  findings: InspectedFile['findings'];
  /** License files and README, by path. */
  texts: Map<string, string>;
  paths: ArchiveReport['files'];
}

/** Files that matter by what the rest of the package does. */
function readPutOff(putOff: FilesPutOff, inspected: Inspected, manifest: InspectedPackage): void {
  const isAnyFound = inspected.findings.some(
    ({ finding, isDormant }) => finding.tier !== 'note' || isDormant,
  );
  const due = isAnyFound || manifest.installFiles().size > 0 ? putOff.all() : putOff.between(inspected.files);
  for (const [path, { summary, findings }] of due) {
    inspected.files.set(path, summary);
    inspected.findings = [...inspected.findings.filter((found) => found.path !== path), ...findings];
  }
}

function toReport(
  { findings, texts, paths }: Inspected,
  archive: ArchiveSummary,
  contents: PackageContents,
  inspected: InspectedPackage,
): ArchiveReport {
  const all = sortFindings([
    ...fileFindings(findings, inspected),
    ...packageFindings(contents),
    ...inspected.findings(),
  ]);
  return {
    status: 'scanned',
    reason: null,
    detail: null,
    findings: all.slice(0, reportFindingsMax),
    findingsTotal: all.length,
    licenseTexts: findLicenseTexts(texts),
    manifest: inspected.manifest,
    entryCount: archive.entryCount,
    unpackedSizeBytes: archive.unpackedSizeBytes,
    files: paths,
    ...(archive.contentHashes ? { contentHashes: archive.contentHashes } : {}),
  };
}

/** A finding weighs more where the installation runs its file, and less where nothing does. */
function fileFindings(findings: InspectedFile['findings'], inspected: InspectedPackage): Finding[] {
  if (findings.length === 0) return [];
  const installFiles = inspected.installFiles();
  const reachableFiles = inspected.reachableFiles();
  return findings.flatMap(({ path, finding, tierAtInstall, isDormant }): Finding[] => {
    if (installFiles.has(path)) {
      const isWorse = finding.tier === 'review' && tierAtInstall !== undefined;
      return [isWorse ? { ...finding, tier: tierAtInstall, severity: 'critical' } : finding];
    }
    if (reachableFiles.has(path)) return [finding];
    if (isDormant) return [];
    return [isSupporting(path) ? { ...finding, tier: 'note' } : finding];
  });
}

function packageFindings(contents: PackageContents): Finding[] {
  return packageRules.flatMap((rule) => [...rule.check(contents)].map((hit) => toFinding(rule, hit)));
}
