import type { LicenseEvidence } from '@sluice/contracts';
import { cleanDownload, cleanLicense } from '@sluice/testkit';
import type { PkgDownloaded } from '../src/gather.ts';
import type { PackageManifest } from '@sluice/inspection';

export const digestOf = (hex: string) => `sha256:${hex.repeat(64)}`;

export const license = (more: Partial<LicenseEvidence> = {}): LicenseEvidence =>
  cleanLicense({ metadataDigest: digestOf('a'), publishedAt: null, ...more });

export function downloaded(more: Partial<PkgDownloaded> = {}): PkgDownloaded {
  return {
    assessmentId: '0190b5a0-0000-7000-8000-000000000000',
    purl: 'pkg:npm/a@1.0.0',
    lane: 'bulk',
    attempt: 1,
    download: cleanDownload({ artifactDigest: digestOf('b') }),
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
    ...more,
  };
}
