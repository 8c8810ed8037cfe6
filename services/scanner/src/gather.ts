import type { ArtifactStore } from '@sluice/artifacts';
import { parsePurl, type EventData, type Names, type pkgDownloaded } from '@sluice/contracts';
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

export interface GatheredScan {
  /** Null when there were no bytes to scan. */
  scan: (Omit<StoredReport, 'digest'> & { digest: string | null }) | null;
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
 * Scans the archive, or finds the report of an earlier scan of the same bytes, and matches advisories, always afresh.
 * @throws TransientError when Postgres is away or no sandbox can be started; errors of the artifact store.
 */
export async function gatherScan(
  event: PkgDownloaded,
  deps: ScannerDeps,
  signal: AbortSignal,
): Promise<GatheredScan> {
  const { type, name, version } = parsePurl(event.purl);
  const ecosystem = deps.ecosystems.get(type);
  const [advisories, scan, registered] = await Promise.all([
    inPostgres(
      matchAdvisories(
        deps.sql,
        deps.names.find((one) => one.type === type),
        name,
        version,
      ),
    ),
    scanArtifact(event, type, deps, signal),
    ecosystem ? readRegistered(event, ecosystem, deps) : null,
  ]);
  const { rules, rulesVersion } = ecosystem ?? { rules: [], rulesVersion: 'none' };
  return { scan, advisories, registered, rules, rulesVersion };
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

async function scanArtifact(
  { download }: PkgDownloaded,
  type: string,
  { sql, artifacts, inspector, ecosystems }: ScannerDeps,
  signal: AbortSignal,
): Promise<GatheredScan['scan']> {
  const digest = download.artifactDigest;
  if (download.status !== 'verified' || digest === null) return null;
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
  { license }: PkgDownloaded,
  ecosystem: Assessment,
  { artifacts }: ScannerDeps,
): Promise<PackageManifest | null> {
  const json: unknown = JSON.parse(
    (await artifacts.read(license.metadataDigest, metadataMaxBytes)).toString('utf8'),
  );
  return typeof json === 'object' && json !== null
    ? ecosystem.readRegistered(json as Record<string, unknown>)
    : null;
}
