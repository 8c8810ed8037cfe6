import { artifactStoreHost } from '@sluice/artifacts';
import { parsePurl, pkgDownloaded, pkgLicensed } from '@sluice/contracts';
import { defineStage } from '@sluice/stages';
import { decideDownload } from './decide.ts';
import { gatherBytes, type DownloaderDeps } from './gather.ts';

/** Fetches, verifies and stores the bytes of a package version. */
export const downloadStage = defineStage({
  name: 'download',
  service: 'downloader',
  consumes: pkgLicensed,
  emits: pkgDownloaded,
  limits: {
    // As many as one host may be asked at once.
    concurrency: 16,
    attemptsMax: 5,
    ackWaitMs: 30_000,
    // Three tries of 60 s each, with the pauses between them.
    deadlineMs: 200_000,
  },
  upstreamOf: ({ purl, license }, { registries }) =>
    registries.get(parsePurl(purl).type)?.tarballHost(license.dist.tarballUrl) ?? null,
  needs: [artifactStoreHost],
  gather: (licensed, deps: DownloaderDeps, signal) => gatherBytes(licensed, deps, signal),
  decide: ({ license }, download) => ({ download: decideDownload(download), license }),
});
