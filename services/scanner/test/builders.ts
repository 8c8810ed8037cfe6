import type { LicenseEvidence } from '@sluice/contracts';
import type { PkgDownloaded } from '../src/gather.ts';
import type { PackageManifest } from '../src/inspect/package-manifest.ts';

export const digestOf = (hex: string) => `sha256:${hex.repeat(64)}`;

export function license(more: Partial<LicenseEvidence> = {}): LicenseEvidence {
  return {
    declared: 'MIT',
    declaredForm: 'spdx',
    expression: 'MIT',
    confidence: 'high',
    deprecated: null,
    publishedAt: null,
    installScripts: [],
    previousHadInstallScripts: null,
    repositoryUrl: null,
    dist: {
      tarballUrl: 'https://registry.example/a/-/a-1.0.0.tgz',
      integrity: null,
      shasum: null,
      unpackedSizeBytes: null,
      fileCount: null,
      signatures: 'not-available',
    },
    metadataDigest: digestOf('a'),
    producer: 'license/test',
    ...more,
  };
}

export function downloaded(more: Partial<PkgDownloaded> = {}): PkgDownloaded {
  return {
    assessmentId: '0190b5a0-0000-7000-8000-000000000000',
    purl: 'pkg:npm/a@1.0.0',
    lane: 'bulk',
    attempt: 1,
    download: {
      status: 'verified',
      detail: null,
      artifactDigest: digestOf('b'),
      sizeBytes: 1,
      digests: null,
      verifiedWith: 'sha512',
      weak: false,
      producer: 'download/test',
    },
    license: license(),
    ...more,
  };
}

export function manifest(more: Partial<PackageManifest> = {}): PackageManifest {
  return {
    name: 'a',
    version: '1.0.0',
    scripts: {},
    dependencies: {},
    optionalDependencies: {},
    entryPoints: [],
    gypfile: false,
    ...more,
  };
}
