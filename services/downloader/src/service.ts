import { agreeOnStore, fileArtifactIndex, fileArtifactStore } from '@sluice/artifacts';
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
import { downloaderConfig } from './config.ts';
import { downloadFlight } from './gather.ts';
import { downloadStage } from './stage.ts';

export const downloaderService = defineService({
  name: 'downloader',
  config: downloaderConfig,
  async start(context) {
    const { config, health, instance, log } = context;
    const artifacts = fileArtifactStore(config.ARTIFACTS_DIR, { mayMake: false });
    const index = fileArtifactIndex(config.ARTIFACTS_DIR);
    health.add('artifacts', () => artifacts.check().then(() => ({ ok: true })));

    const bus = await connectBus({
      ...busOptionsOf(config),
      service: 'downloader',
      instance,
      log,
    });
    context.onStop('nats', () => bus.close());
    addBusHealth(health, bus);
    await waitForJetStream(bus, context);
    await agreeOnStore(artifacts, await sharedStoreId(bus), context.signal);
    const controls = await watchControls(bus, log);
    context.onStop('controls', () => controls.stop());

    const deadlineMs = config.DOWNLOAD_SECONDS * 1_000;
    const scopes = new Map(config.NPM_SCOPED_REGISTRIES);
    const egress = createEgress({
      ...egressOptions(config),
      trustedOrigins: [config.NPM_REGISTRY_URL, ...scopes.values()],
      paused: controls.whyPaused,
      maxBytes: config.DOWNLOAD_MAX_MB * 1024 * 1024,
      timeouts: { deadlineMs },
      perHostConcurrency: config.DOWNLOADER_CONCURRENCY,
    });
    context.onStop('egress', () => egress.close());
    const npm = npmRegistry({
      baseUrl: config.NPM_REGISTRY_URL,
      egress,
      token: config.NPM_REGISTRY_TOKEN,
      scopes,
      credentials: readNpmCredentials(config.NPM_CREDENTIALS),
    });

    const limits = {
      ...downloadStage.limits,
      concurrency: config.DOWNLOADER_CONCURRENCY,
      // Three tries, and time to write.
      deadlineMs: 3 * deadlineMs + 20_000,
    };
    const deps = { registries: { npm }, artifacts, index, flight: downloadFlight() };
    await startStage(bus, { ...downloadStage, limits }, deps, context, controls);
  },
});
