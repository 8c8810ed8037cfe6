import { agreeOnStore, openArtifacts } from '@sluice/artifacts';
import { openBus, sharedStoreId } from '@sluice/broker';
import { openControls, startStage } from '@sluice/stages';
import { registryClients } from '@sluice/ecosystems/registry';
import { registryDocuments } from '@sluice/ecosystems/settings';
import { openRegistries } from '@sluice/registries';
import { defineService } from '@sluice/runtime';
import { licenseConfig } from './config.ts';
import { licenseStage } from './stage.ts';

export const licenseService = defineService({
  name: 'license',
  config: licenseConfig,
  async start(context) {
    const { config, signal } = context;
    const artifacts = openArtifacts(context);
    const bus = await openBus(context, async (opened) =>
      agreeOnStore(artifacts, await sharedStoreId(opened), signal),
    );
    const controls = await openControls(bus, context);
    const registries = await openRegistries(context, {
      clients: registryClients,
      documents: registryDocuments(config),
      paused: controls.whyPaused,
    });
    const limits = { ...licenseStage.limits, concurrency: config.LICENSE_CONCURRENCY };
    await startStage(bus, { ...licenseStage, limits }, { registries, artifacts }, context, controls);
  },
});
