import {
  type DownloadedFile,
  type LicenseEvidence,
  type RegistryEvidence,
  type ScanEvidence,
  type ScannedFile,
  type StageName,
  type WholeEvidence,
} from '@sluice/contracts';

/** Evidence of a clean package with one file, to be changed where a test needs it otherwise. */

const digest = `sha256:${'a'.repeat(64)}`;
const identity = { file: 'example-1.0.0.tgz', kind: 'tarball', platform: null };

export function cleanRegistry(changes: Partial<RegistryEvidence> = {}): RegistryEvidence {
  return {
    publishedAt: '2024-01-01T00:00:00.000Z',
    firstSeenAt: null,
    withdrawn: null,
    repositoryUrl: null,
    publisher: null,
    runsAtInstall: [],
    previousRanAtInstall: null,
    gained: null,
    files: [
      {
        ...identity,
        url: 'https://registry.example/example/-/example-1.0.0.tgz',
        sizeBytes: null,
        hashes: [],
      },
    ],
    filesDigest: digest,
    metadataDigest: digest,
    producer: 'test',
    ...changes,
  };
}

export function cleanLicense(changes: Partial<LicenseEvidence> = {}): LicenseEvidence {
  return {
    declared: 'MIT',
    declaredForm: 'spdx',
    expression: 'MIT',
    confidence: 'high',
    producer: 'test',
    ...changes,
  };
}

/** @param changes of its one file. */
export function cleanDownload(changes: Partial<DownloadedFile> = {}): WholeEvidence['download'] {
  const file: DownloadedFile = {
    ...identity,
    status: 'verified',
    detail: null,
    artifactDigest: digest,
    sizeBytes: 1,
    digests: { sha1: '0'.repeat(40), sha256: '0'.repeat(64), sha512: '0'.repeat(128) },
    verifiedWith: 'sha512',
    weak: false,
    ...changes,
  };
  return { files: [file], producer: 'test' };
}

/** @param changes of the scan, and of its one file. */
export function cleanScan(changes: Partial<ScanEvidence & ScannedFile> = {}): ScanEvidence {
  const { advisories, licenseAgreement, producer, files, ...ofFile } = changes;
  const file: ScannedFile = {
    file: identity.file,
    status: 'scanned',
    reason: null,
    detail: null,
    findings: [],
    findingsTotal: 0,
    licenseTexts: [],
    entryCount: 1,
    unpackedSizeBytes: 1,
    reportDigest: null,
    ...ofFile,
  };
  return {
    files: files ?? [file],
    advisories: advisories ?? { status: 'matched', version: 'v1', matches: [] },
    licenseAgreement: licenseAgreement ?? 'unknown',
    producer: producer ?? 'test',
  };
}

export function cleanEvidence(changes: Partial<WholeEvidence> = {}): WholeEvidence {
  return {
    registry: cleanRegistry(),
    license: cleanLicense(),
    download: cleanDownload(),
    scan: cleanScan(),
    ...changes,
  };
}

/** The evidence that a stage's fact carries: its own, and that of the stages before. */
export function evidenceUpTo(stage: StageName, changes: Partial<WholeEvidence> = {}): WholeEvidence {
  const { download, scan, ...before } = cleanEvidence(changes);
  const parts = { license: before, download: { ...before, download }, scan: { ...before, download, scan } };
  return parts[stage] as WholeEvidence;
}
