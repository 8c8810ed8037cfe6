import { agreeOnStore, openArtifacts } from '@sluice/artifacts';
import { openBus, sharedStoreId } from '@sluice/broker';
import { openControls, startStage } from '@sluice/stages';
import { openNpmRegistry } from '@sluice/ecosystems/registry';
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
    const npm = openNpmRegistry(context, { paused: controls.whyPaused });
    const limits = { ...licenseStage.limits, concurrency: config.LICENSE_CONCURRENCY };
    await startStage(bus, { ...licenseStage, limits }, { registries: { npm }, artifacts }, context, controls);
  },
});
