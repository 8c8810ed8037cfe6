import type { SharedStore } from '@sluice/artifacts';
import type { RunInfo } from '@sluice/embedded/attach';

/** The artifact store that the environment names, as for a service; null where it names none. @throws PermanentError `config.invalid`. */
export async function namedStore(env = process.env): Promise<SharedStore | null> {
  if (!env['ARTIFACTS_DIR'] && !env['ARTIFACTS_S3_URL']) return null;
  const [{ artifactStoreOf }, { artifactsConfig, loadConfig }, { z }] = await Promise.all([
    import('@sluice/artifacts'),
    import('@sluice/runtime'),
    import('zod'),
  ]);
  return artifactStoreOf(loadConfig(z.object(artifactsConfig), env));
}

/** The artifact store of a stack of this machine. */
export async function storeOf({ artifactsFolder }: Pick<RunInfo, 'artifactsFolder'>): Promise<SharedStore> {
  const { fileArtifactStore } = await import('@sluice/artifacts');
  return (await namedStore()) ?? fileArtifactStore(artifactsFolder, { mayMake: false });
}
