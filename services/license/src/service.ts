import { agreeOnStore, openArtifacts } from '@sluice/artifacts';
import { openBus, sharedStoreId, startWithBroker } from '@sluice/broker';
import { openControls, startStage } from '@sluice/stages';
import { registryClients } from '@sluice/ecosystems/registry';
import { registryDocuments } from '@sluice/ecosystems/settings';
import { openRegistries, type RegistryClient } from '@sluice/registries';
import { defineService } from '@sluice/runtime';
import { licenseConfig } from './config.ts';
import { licenseStage } from './stage.ts';

/** @param clients of registries, by ecosystem. */
export function licenseServiceOf(clients: readonly RegistryClient[]) {
  return defineService({
    name: 'license',
    config: licenseConfig,
    async start(context) {
      const { config, signal } = context;
      const artifacts = openArtifacts(context);
      const bus = await openBus(context, async (opened) =>
        agreeOnStore(artifacts, await sharedStoreId(opened), signal),
      );
      const controls = await startWithBroker(context, (part) => openControls(bus, part));
      const registries = await openRegistries(context, {
        clients,
        documents: registryDocuments(config),
        trustedRoot: config.SIGSTORE_TRUSTED_ROOT,
        paused: controls.whyPaused,
      });
      const limits = { ...licenseStage.limits, concurrency: config.LICENSE_CONCURRENCY };
      const stage = { ...licenseStage, limits };
      await startWithBroker(context, (part) =>
        startStage(bus, stage, { registries, artifacts }, part, controls),
      );
    },
  });
}

export const licenseService = licenseServiceOf(registryClients);
