import type { ArtifactsConfig, ServiceContext } from '@sluice/runtime';
import { artifactStoreOf } from './artifact-settings.ts';
import type { SharedStore } from './store.ts';

/** A service's artifact store, part of its readiness. It makes no store: see `agreeOnStore`. @throws PermanentError `config.invalid`. */
export function openArtifacts({
  config,
  health,
}: Pick<ServiceContext<ArtifactsConfig>, 'config' | 'health'>): SharedStore {
  const artifacts = artifactStoreOf(config);
  health.add('artifact store', async () => {
    await artifacts.check();
    return { ok: true };
  });
  return artifacts;
}
