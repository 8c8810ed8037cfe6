import {
  parsePurl,
  type DownloadedFile,
  type DownloadEvidence,
  type Finding,
  type ScanEvidence,
  type ScannedFile,
} from '@sluice/contracts';
import { compareLicense } from '@sluice/licenses';
import type { GatheredScan, PkgDownloaded, ScannedReport } from './gather.ts';
import {
  reportFilesMax,
  sortFindings,
  toFinding,
  type AssessmentView,
  type ContainedFile,
} from '@sluice/inspection';

/** An event holds at most 64 kB; the report has all findings. */
const findingsListedMax = 50;
const advisoriesListedMax = 60;

/** Evidence of one scan. Rules that need more than the archive run here: they are cheap, and nothing is fetched. */
export function decideScan(event: PkgDownloaded, gathered: GatheredScan): ScanEvidence {
  const { download, license } = event.evidence;
  const files = listedFiles(
    download.files.map((downloaded, index) => {
      const scan = gathered.scans[index] ?? null;
      return scannedFile(downloaded, scan, assess(event, index, gathered));
    }),
  );
  const licenseTexts = files.flatMap((file) => file.licenseTexts);
  return {
    files,
    advisories: listed(gathered.advisories),
    licenseAgreement: compareLicense(license.expression, licenseTexts),
    producer: `scan/${gathered.rulesVersion}`,
  };
}

/** The download evidence with the content hashes that the scan found, for the pins of lockfiles. Pure. */
export function withContentHashes(
  download: DownloadEvidence,
  { scans }: Pick<GatheredScan, 'scans'>,
): DownloadEvidence {
  const files = download.files.map((file, index) => {
    const h1 = scans[index]?.report.contentHashes;
    return h1 && file.digests ? { ...file, digests: { ...file.digests, h1 } } : file;
  });
  return { ...download, files };
}

function scannedFile(
  downloaded: DownloadedFile,
  scan: ScannedReport | null,
  assessed: Finding[],
): ScannedFile {
  const report = scan?.report;
  const findings = sortFindings([...(report?.findings ?? []), ...assessed]);
  return {
    file: downloaded.file,
    status: report?.status ?? 'missing',
    reason: report ? report.reason : `download.${downloaded.status}`,
    detail: report ? report.detail : downloaded.detail,
    findings,
    findingsTotal: (report?.findingsTotal ?? 0) + assessed.length,
    licenseTexts: report?.licenseTexts ?? [],
    entryCount: report?.entryCount ?? 0,
    unpackedSizeBytes: report?.unpackedSizeBytes ?? 0,
    reportDigest: scan?.digest ?? null,
  };
}

/** An archive that was not scanned has no manifest to compare, but its name can still imitate another. */
function assess(
  { purl, evidence }: PkgDownloaded,
  index: number,
  { scans, registered, rules }: GatheredScan,
): Finding[] {
  const { name, version } = parsePurl(purl);
  const { files } = evidence.download;
  const { file, kind, platform } = files[index]!;
  const scan = scans[index];
  const siblings = files.flatMap((other, at) => {
    const contents = at === index ? undefined : contentsOf(scans[at]);
    return contents ? [{ kind: other.kind, contents }] : [];
  });
  const view: AssessmentView = {
    name,
    version,
    registry: evidence.registry,
    file: { file, kind, platform },
    archived: scan?.report.manifest ?? null,
    registered,
    contents: contentsOf(scan),
    siblings,
  };
  return rules.flatMap((rule) => [...rule.check(view)].map((hit) => toFinding(rule, hit)));
}

/** All files of an archive; undefined where it was not read, or has more than its report lists. */
function contentsOf(scan: ScannedReport | null | undefined): ContainedFile[] | undefined {
  const { status, files = [] } = scan?.report ?? {};
  return status === 'scanned' && files.length < reportFilesMax ? files : undefined;
}

/** Findings are sorted worst first, so that each file keeps its worst. */
function listedFiles(files: ScannedFile[]): ScannedFile[] {
  const each = Math.max(1, Math.floor(findingsListedMax / files.length));
  return files.map((file) => ({ ...file, findings: file.findings.slice(0, each) }));
}

/** Matches are sorted worst first, so the least severe are left out. */
function listed(advisories: ScanEvidence['advisories']): ScanEvidence['advisories'] {
  const { matches } = advisories;
  return matches.length > advisoriesListedMax
    ? { ...advisories, matches: matches.slice(0, advisoriesListedMax), matchesTotal: matches.length }
    : advisories;
}
