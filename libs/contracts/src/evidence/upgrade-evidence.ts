import { statedHashes } from '../integrity.ts';
import { parsePurl } from '../purl.ts';
import type { DownloadEvidence } from './download.ts';
import type { LicenseEvidence } from './license.ts';
import type { RegistryEvidence } from './registry.ts';
import type { ScanEvidence } from './scan.ts';

/**
 * Evidence of events of version 1, which had one archive for a package version and the registry's statements inside the
 * license evidence. Values are trusted no more than any event's: the schema of version 2 checks the result.
 */

interface LicenseV1 extends LicenseEvidence {
  deprecated: string | null;
  publishedAt: string | null;
  installScripts: string[];
  previousHadInstallScripts: boolean | null;
  repositoryUrl: string | null;
  dist: { tarballUrl: string; integrity: string | null; shasum: string | null };
  metadataDigest: string;
}

export function upgradeLicense(
  evidence: unknown,
  purl: string,
): { registry: RegistryEvidence; license: LicenseEvidence } {
  const { deprecated, publishedAt, installScripts, previousHadInstallScripts, repositoryUrl, dist, ...rest } =
    evidence as LicenseV1;
  const { metadataDigest, ...license } = rest;
  const file = {
    ...archiveOf(purl),
    url: dist.tarballUrl,
    sizeBytes: null,
    hashes: statedHashes(dist),
  };
  return {
    license,
    registry: {
      publishedAt,
      firstSeenAt: null,
      withdrawn: deprecated === null ? null : { how: 'deprecated', reason: deprecated },
      repositoryUrl,
      publisher: null,
      runsAtInstall: installScripts,
      previousRanAtInstall: previousHadInstallScripts,
      files: [file],
      filesDigest: null,
      metadataDigest,
      producer: license.producer,
    },
  };
}

export function upgradeDownload(evidence: unknown, purl: string): DownloadEvidence {
  const { producer, ...file } = evidence as DownloadEvidence['files'][number] & { producer: string };
  return { files: [{ ...file, ...archiveOf(purl) }], producer };
}

type ScanV1 = ScanEvidence['files'][number] & Omit<ScanEvidence, 'files'>;

export function upgradeScan(evidence: unknown, purl: string): ScanEvidence {
  const { advisories, licenseAgreement, producer, ...file } = evidence as ScanV1;
  return { files: [{ ...file, file: archiveOf(purl).file }], advisories, licenseAgreement, producer };
}

/** Packages of npm's registry were the only ones; their archives are named after the version, independently of the address. */
function archiveOf(purl: string) {
  const { name, version } = parsePurl(purl);
  return { file: `${name.split('/').at(-1)}-${version}.tgz`, kind: 'tarball', platform: null };
}
