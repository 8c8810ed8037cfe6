import { agreeOnStore, artifactIndexOf, openArtifacts } from '@sluice/artifacts';
import { openBus, sharedStoreId, startWithBroker } from '@sluice/broker';
import { openControls, startStage } from '@sluice/stages';
import { registryClients } from '@sluice/ecosystems/registry';
import { registryDocuments } from '@sluice/ecosystems/settings';
import { openRegistries, type RegistryClient } from '@sluice/registries';
import { defineService } from '@sluice/runtime';
import { downloaderConfig } from './config.ts';
import { downloadFlight } from './gather.ts';
import { downloadStage } from './stage.ts';

/** @param clients of registries, by ecosystem. */
export function downloaderServiceOf(clients: readonly RegistryClient[]) {
  return defineService({
    name: 'downloader',
    config: downloaderConfig,
    async start(context) {
      const { config, signal } = context;
      const artifacts = openArtifacts(context);
      const index = artifactIndexOf(config);
      const bus = await openBus(context, async (opened) =>
        agreeOnStore(artifacts, await sharedStoreId(opened), signal),
      );
      const controls = await startWithBroker(context, (part) => openControls(bus, part));
      const deadlineMs = config.DOWNLOAD_SECONDS * 1_000;
      const registries = await openRegistries(context, {
        clients,
        documents: registryDocuments(config),
        paused: controls.whyPaused,
        maxBytes: config.DOWNLOAD_MAX_MB * 1024 * 1024,
        timeouts: { deadlineMs },
        perHostConcurrency: config.DOWNLOADER_CONCURRENCY,
      });
      const limits = {
        ...downloadStage.limits,
        concurrency: config.DOWNLOADER_CONCURRENCY,
        // Three tries, and time to write.
        deadlineMs: 3 * deadlineMs + 20_000,
      };
      const deps = { registries, artifacts, index, flight: downloadFlight() };
      const stage = { ...downloadStage, limits };
      await startWithBroker(context, (part) => startStage(bus, stage, deps, part, controls));
    },
  });
}

export const downloaderService = downloaderServiceOf(registryClients);
