import type { DownloadedFile, RegistryEvidence } from '@sluice/contracts';
import { cleanDownload, cleanRegistry, evidenceUpTo } from '@sluice/testkit';
import type { PkgDownloaded } from '../src/gather.ts';
import type { PackageManifest } from '@sluice/inspection';

export const digestOf = (hex: string) => `sha256:${hex.repeat(64)}`;

/** @param changes of the one file that was downloaded, and of the registry's evidence. */
export function downloaded(
  changes: { file?: Partial<DownloadedFile>; registry?: Partial<RegistryEvidence> } = {},
): PkgDownloaded {
  const registry = cleanRegistry({ metadataDigest: digestOf('a'), publishedAt: null, ...changes.registry });
  const download = cleanDownload({ artifactDigest: digestOf('b'), ...changes.file });
  return {
    assessmentId: '0190b5a0-0000-7000-8000-000000000000',
    purl: 'pkg:npm/a@1.0.0',
    lane: 'bulk',
    attempt: 1,
    evidence: evidenceUpTo('download', { registry, download }),
  };
}

export function manifest(more: Partial<PackageManifest> = {}): PackageManifest {
  return {
    name: 'a',
    version: '1.0.0',
    scripts: {},
    dependencies: {},
    optionalDependencies: {},
    peerDependencies: {},
    main: null,
    bin: {},
    entryPoints: [],
    ...more,
  };
}
