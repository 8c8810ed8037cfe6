import type { ArtifactStore } from '@sluice/artifacts';
import {
  parsePurl,
  type DownloadedFile,
  type EventData,
  type Names,
  type pkgDownloaded,
  type RegistryEvidence,
} from '@sluice/contracts';
import { asTransient, type Sql } from '@sluice/postgres';
import { matchAdvisories, type AdvisoryMatches } from './advisories/match-advisories.ts';
import { findReport, keepReport, type StoredReport } from './find-report.ts';
import {
  unscannableReport,
  type Assessment,
  type AssessmentRule,
  type Inspector,
  type PackageManifest,
} from '@sluice/inspection';

export type PkgDownloaded = EventData<typeof pkgDownloaded>;

export interface ScannerDeps {
  sql: Sql;
  artifacts: ArtifactStore;
  inspector: Inspector;
  names: readonly Names[];
  /** Rules of each ecosystem, by purl type. */
  ecosystems: ReadonlyMap<string, KnownAssessment>;
}

/** An ecosystem's rules with their version. */
export interface KnownAssessment extends Assessment {
  rulesVersion: string;
}

export type ScannedReport = Omit<StoredReport, 'digest'> & { digest: string | null };

export interface GatheredScan {
  /** One for each file of the assessment, in their order; null for one without bytes to scan. */
  scans: (ScannedReport | null)[];
  advisories: AdvisoryMatches;
  /** The version's manifest as the registry states it. */
  registered: PackageManifest | null;
  /** Rules of the ecosystem; none for one that is not known. */
  rules: readonly AssessmentRule[];
  rulesVersion: string;
}

/** As much metadata as a registry states of one version; the largest in use has about 2 MB. */
const metadataMaxBytes = 16 * 1024 * 1024;

/**
 * Scans the files, or finds the reports of earlier scans of the same bytes, and matches advisories, always afresh.
 * @throws TransientError when Postgres is away or no sandbox can be started; errors of the artifact store.
 */
export async function gatherScan(
  event: PkgDownloaded,
  deps: ScannerDeps,
  signal: AbortSignal,
): Promise<GatheredScan> {
  const { type, name, version } = parsePurl(event.purl);
  const ecosystem = deps.ecosystems.get(type);
  const { registry, download } = event.evidence;
  const names = deps.names.find((one) => one.type === type);
  const [advisories, scans, registered] = await Promise.all([
    inPostgres(matchAdvisories(deps.sql, names, name, version)),
    Promise.all(download.files.map((file) => scanFile(file, type, deps, signal))),
    ecosystem ? readRegistered(registry, ecosystem, deps) : null,
  ]);
  const { rules, rulesVersion } = ecosystem ?? { rules: [], rulesVersion: 'none' };
  return { scans, advisories, registered, rules, rulesVersion };
}

/**
 * Only around calls to Postgres: a broken pipe to a sandbox child has the same code as one to a server, and an
 * archive that is taken for an outage would be tried for ever and hold up all others.
 */
async function inPostgres<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw asTransient(error);
  }
}

async function scanFile(
  { status, artifactDigest: digest }: DownloadedFile,
  type: string,
  { sql, artifacts, inspector, ecosystems }: ScannerDeps,
  signal: AbortSignal,
): Promise<ScannedReport | null> {
  if (status !== 'verified' || digest === null) return null;
  const ecosystem = ecosystems.get(type);
  if (!ecosystem) {
    const report = unscannableReport(
      'archive.unsupported-format',
      `Archives of ${type} packages are not scanned.`,
    );
    return { report, digest: null };
  }
  const { rulesVersion } = ecosystem;
  const known = await inPostgres(findReport(sql, artifacts, digest, rulesVersion));
  if (known) return known;
  const report = await inspector.run(() => artifacts.open(digest), { task: type, signal });
  // The machine may have killed the child, not the archive; a redrive tries again.
  if (report.reason === 'scanner.child-failed') return { report, digest: null };
  return await inPostgres(keepReport(sql, artifacts, digest, rulesVersion, report));
}

async function readRegistered(
  { metadataDigest }: RegistryEvidence,
  ecosystem: Assessment,
  { artifacts }: ScannerDeps,
): Promise<PackageManifest | null> {
  const json: unknown = JSON.parse((await artifacts.read(metadataDigest, metadataMaxBytes)).toString('utf8'));
  return typeof json === 'object' && json !== null
    ? ecosystem.readRegistered(json as Record<string, unknown>)
    : null;
}
