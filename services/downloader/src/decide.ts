import type { DownloadedFile, DownloadEvidence } from '@sluice/contracts';
import type { Download } from './download-verified.ts';
import type { GatheredFile } from './gather.ts';

/** Raised whenever the same bytes would give other evidence. */
const producer = 'downloader/2';

/** Algorithms without known collisions. */
const strong = new Set(['sha512', 'sha384', 'sha256']);

const nothing = {
  artifactDigest: null,
  sizeBytes: null,
  digests: null,
  verifiedWith: 'none' as const,
  weak: false,
};

/**
 * The evidence of finished downloads. Pure.
 * @param otherHashes of files that are not assessed, as the registry states them.
 */
export function decideDownload(gathered: GatheredFile[], otherHashes?: string[]): DownloadEvidence {
  const files = gathered.map(({ file: { file, kind, platform }, download }) => ({
    file,
    kind,
    platform,
    ...decideFile(download),
  }));
  return { files, ...(otherHashes ? { otherHashes } : {}), producer };
}

function decideFile(download: Download): Omit<DownloadedFile, 'file' | 'kind' | 'platform'> {
  switch (download.status) {
    case 'missing':
      return { ...nothing, status: 'missing', detail: 'The registry has the version, but not its archive.' };
    case 'integrity-failed':
      return { ...nothing, status: 'integrity-failed', detail: download.detail };
    case 'verified': {
      const { artifactDigest, sizeBytes, digests, verifiedWith } = download;
      const weak = !strong.has(verifiedWith);
      const detail = verifiedWith === 'none' ? 'The registry states no hash to verify with.' : null;
      return { status: 'verified', detail, artifactDigest, sizeBytes, digests, verifiedWith, weak };
    }
  }
}
