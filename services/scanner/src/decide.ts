import { parsePurl, type Finding, type ScanEvidence } from '@sluice/contracts';
import { compareLicense } from '@sluice/licenses';
import type { GatheredScan, PkgDownloaded } from './gather.ts';
import { sortFindings, toFinding, type AssessmentView } from '@sluice/inspection';

/** An event holds at most 64 kB; the report has all findings. */
const findingsListedMax = 50;
const advisoriesListedMax = 60;

/** Evidence of one scan. Rules that need more than the archive run here: they are cheap, and nothing is fetched. */
export function decideScan(event: PkgDownloaded, gathered: GatheredScan): ScanEvidence {
  const { scan, rulesVersion } = gathered;
  const report = scan?.report;
  const findings = sortFindings([...(report?.findings ?? []), ...assess(event, gathered)]);
  const licenseTexts = report?.licenseTexts ?? [];
  return {
    status: report?.status ?? 'missing',
    reason: report ? report.reason : `download.${event.download.status}`,
    detail: report ? report.detail : event.download.detail,
    findings: findings.slice(0, findingsListedMax),
    findingsTotal: (report?.findingsTotal ?? 0) + findings.length - (report?.findings.length ?? 0),
    advisories: listed(gathered.advisories),
    licenseTexts,
    licenseAgreement: compareLicense(event.license.expression, licenseTexts),
    entryCount: report?.entryCount ?? 0,
    unpackedSizeBytes: report?.unpackedSizeBytes ?? 0,
    reportDigest: scan?.digest ?? null,
    producer: `scan/${rulesVersion}`,
  };
}

/** An archive that was not scanned has no manifest to compare, but its name can still imitate another. */
function assess(event: PkgDownloaded, { scan, registered, rules }: GatheredScan): Finding[] {
  const { name, version } = parsePurl(event.purl);
  const view: AssessmentView = {
    name,
    version,
    license: event.license,
    archived: scan?.report.manifest ?? null,
    registered,
  };
  return rules.flatMap((rule) => [...rule.check(view)].map((hit) => toFinding(rule, hit)));
}

/** Matches are sorted worst first, so the least severe are left out. */
function listed(advisories: ScanEvidence['advisories']): ScanEvidence['advisories'] {
  const { matches } = advisories;
  return matches.length > advisoriesListedMax
    ? { ...advisories, matches: matches.slice(0, advisoriesListedMax), matchesTotal: matches.length }
    : advisories;
}
