import { artifactStoreHost } from '@sluice/artifacts';
import { pkgDownloaded, pkgScanned } from '@sluice/contracts';
import { defineStage } from '@sluice/stages';
import { postgresHost } from '@sluice/postgres';
import { decideScan, withContentHashes } from './decide.ts';
import { gatherScan, type ScannerDeps } from './gather.ts';

/** Opens the files of a package version in a sandbox and matches advisories. */
export const scanStage = defineStage({
  name: 'scan',
  service: 'scanner',
  consumes: pkgDownloaded,
  emits: pkgScanned,
  limits: {
    // More than there are sandbox children: repeats are lookups and need none.
    concurrency: 8,
    attemptsMax: 5,
    ackWaitMs: 30_000,
    // Two tries of 30 s of processor time on a machine that has a fifth of it to give, behind others that took as long.
    deadlineMs: 900_000,
  },
  needs: [artifactStoreHost, postgresHost],
  gather: (downloaded, deps: ScannerDeps, signal) => gatherScan(downloaded, deps, signal),
  decide: (downloaded, gathered) => ({
    evidence: {
      ...downloaded.evidence,
      download: withContentHashes(downloaded.evidence.download, gathered),
      scan: decideScan(downloaded, gathered),
    },
  }),
});
