import { agreeOnStore, fileArtifactStore } from '@sluice/artifacts';
import { createEgress } from '@sluice/egress';
import {
  addBusHealth,
  busOptionsOf,
  connectBus,
  sharedStoreId,
  startStage,
  waitForJetStream,
  watchControls,
} from '@sluice/messaging';
import { npmRegistry, readNpmCredentials } from '@sluice/registries';
import { defineService, egressOptions } from '@sluice/runtime';
import { licenseConfig } from './config.ts';
import { licenseStage } from './stage.ts';

export const licenseService = defineService({
  name: 'license',
  config: licenseConfig,
  async start(context) {
    const { config, health, instance, log } = context;
    const artifacts = fileArtifactStore(config.ARTIFACTS_DIR, { mayMake: false });
    health.add('artifacts', () => artifacts.check().then(() => ({ ok: true })));

    const bus = await connectBus({
      ...busOptionsOf(config),
      service: 'license',
      instance,
      log,
    });
    context.onStop('nats', () => bus.close());
    addBusHealth(health, bus);
    await waitForJetStream(bus, context);
    await agreeOnStore(artifacts, await sharedStoreId(bus), context.signal);
    const controls = await watchControls(bus, log);
    context.onStop('controls', () => controls.stop());

    const scopes = new Map(config.NPM_SCOPED_REGISTRIES);
    const egress = createEgress({
      ...egressOptions(config),
      trustedOrigins: [config.NPM_REGISTRY_URL, ...scopes.values()],
      paused: controls.whyPaused,
    });
    context.onStop('egress', () => egress.close());
    const npm = npmRegistry({
      baseUrl: config.NPM_REGISTRY_URL,
      egress,
      token: config.NPM_REGISTRY_TOKEN,
      scopes,
      credentials: readNpmCredentials(config.NPM_CREDENTIALS),
    });

    const limits = { ...licenseStage.limits, concurrency: config.LICENSE_CONCURRENCY };
    await startStage(bus, { ...licenseStage, limits }, { registries: { npm }, artifacts }, context, controls);
  },
});
