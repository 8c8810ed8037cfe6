import { agreeOnStore, fileArtifactStore } from '@sluice/artifacts';
import { createEgress } from '@sluice/egress';
import { addBusHealth, connectBus, sharedStoreId, startStage, watchControls } from '@sluice/messaging';
import { npmRegistry } from '@sluice/registries';
import { defineService } from '@sluice/runtime';
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
      url: config.NATS_URL,
      token: config.NATS_TOKEN,
      service: 'license',
      instance,
      log,
    });
    context.onStop('nats', () => bus.close());
    addBusHealth(health, bus);
    await agreeOnStore(artifacts, await sharedStoreId(bus), context.signal);
    const controls = await watchControls(bus, log);
    context.onStop('controls', () => controls.stop());

    const egress = createEgress({
      allowHosts: config.EGRESS_ALLOW_HOSTS,
      trustedOrigins: [config.NPM_REGISTRY_URL],
      paused: controls.whyPaused,
    });
    context.onStop('egress', () => egress.close());
    const npm = npmRegistry({ baseUrl: config.NPM_REGISTRY_URL, egress, token: config.NPM_REGISTRY_TOKEN });

    const limits = { ...licenseStage.limits, concurrency: config.LICENSE_CONCURRENCY };
    await startStage(bus, { ...licenseStage, limits }, { registries: { npm }, artifacts }, context, controls);
  },
});
