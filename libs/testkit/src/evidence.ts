import type { DownloadEvidence, LicenseEvidence, ScanEvidence } from '@sluice/contracts';

/** Evidence of a clean package, to be changed where a test needs it otherwise. */

const digest = `sha256:${'a'.repeat(64)}`;

export function cleanLicense(changes: Partial<LicenseEvidence> = {}): LicenseEvidence {
  return {
    declared: 'MIT',
    declaredForm: 'spdx',
    expression: 'MIT',
    confidence: 'high',
    deprecated: null,
    publishedAt: '2024-01-01T00:00:00.000Z',
    installScripts: [],
    previousHadInstallScripts: null,
    repositoryUrl: null,
    dist: {
      tarballUrl: 'https://registry.example/example/-/example-1.0.0.tgz',
      integrity: null,
      shasum: null,
      unpackedSizeBytes: null,
      fileCount: null,
      signatures: 'not-available',
    },
    metadataDigest: digest,
    producer: 'test',
    ...changes,
  };
}

export function cleanDownload(changes: Partial<DownloadEvidence> = {}): DownloadEvidence {
  return {
    status: 'verified',
    detail: null,
    artifactDigest: digest,
    sizeBytes: 1,
    digests: { sha1: '0'.repeat(40), sha256: '0'.repeat(64), sha512: '0'.repeat(128) },
    verifiedWith: 'sha512',
    weak: false,
    producer: 'test',
    ...changes,
  };
}

export function cleanScan(changes: Partial<ScanEvidence> = {}): ScanEvidence {
  return {
    status: 'scanned',
    reason: null,
    detail: null,
    findings: [],
    findingsTotal: 0,
    advisories: { status: 'matched', version: 'v1', matches: [] },
    licenseTexts: [],
    licenseAgreement: 'unknown',
    entryCount: 1,
    unpackedSizeBytes: 1,
    reportDigest: null,
    producer: 'test',
    ...changes,
  };
}
