import type { ArtifactsConfig, ServiceContext } from '@sluice/runtime';
import { fileArtifactStore, type FileArtifactStore } from './file-artifact-store.ts';

/** A service's artifact store, part of its readiness. It makes no store: see `agreeOnStore`. */
export function openArtifacts({
  config,
  health,
}: Pick<ServiceContext<ArtifactsConfig>, 'config' | 'health'>): FileArtifactStore {
  const artifacts = fileArtifactStore(config.ARTIFACTS_DIR, { mayMake: false });
  health.add('artifact store', async () => {
    await artifacts.check();
    return { ok: true };
  });
  return artifacts;
}
