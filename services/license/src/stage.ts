import { artifactStoreHost } from '@sluice/artifacts';
import { parsePurl, pkgLicensed, pkgRequested } from '@sluice/contracts';
import { defineStage } from '@sluice/stages';
import { decideLicense } from './decide.ts';
import { gatherManifest } from './gather.ts';

/** Registry metadata in, registry and license evidence out. */
export const licenseStage = defineStage({
  name: 'license',
  service: 'license',
  consumes: pkgRequested,
  emits: pkgLicensed,
  limits: {
    // Metadata is small and mostly waiting; the registry's own slots limit it.
    concurrency: 32,
    attemptsMax: 5,
    ackWaitMs: 30_000,
    // One fetch has 60 s; the rest is for a large packument on a busy machine.
    deadlineMs: 90_000,
  },
  upstreamOf: ({ purl }, { registries }) => {
    const { type, name } = parsePurl(purl);
    return registries.get(type)?.hostOf(name) ?? null;
  },
  needs: [artifactStoreHost],
  gather: gatherManifest,
  decide: (_requested, gathered) => ({ evidence: decideLicense(gathered) }),
});
