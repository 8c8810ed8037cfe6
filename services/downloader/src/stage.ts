import { artifactStoreHost } from '@sluice/artifacts';
import { parsePurl, pkgDownloaded, pkgLicensed } from '@sluice/contracts';
import { defineStage } from '@sluice/stages';
import { decideDownload } from './decide.ts';
import { gatherFiles, type DownloaderDeps } from './gather.ts';

/** Fetches, verifies and stores the files of a package version. */
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
  upstreamOf: ({ purl, evidence }, { registries }) => {
    const [first] = evidence.registry.files;
    return (first && registries.get(parsePurl(purl).type)?.tarballHost(first.url)) ?? null;
  },
  needs: [artifactStoreHost],
  gather: ({ purl, evidence }, deps: DownloaderDeps, signal, report) =>
    gatherFiles({ purl, files: evidence.registry.files }, deps, signal, report),
  decide: ({ evidence }, gathered) => ({
    evidence: { ...evidence, download: decideDownload(gathered, evidence.registry.otherHashes) },
  }),
});
