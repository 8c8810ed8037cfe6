import type { ArtifactStore } from '@sluice/artifacts';
import { parsePurl, PermanentError } from '@sluice/contracts';
import type { NpmRegistry, VersionManifest } from '@sluice/ecosystems/registry';

export interface LicenseDeps {
  /** Clients by purl type. */
  registries: { npm: NpmRegistry };
  artifacts: ArtifactStore;
}

export interface GatheredManifest {
  manifest: VersionManifest;
  /** Where the manifest is kept, as the registry sent it. */
  metadataDigest: string;
  /** Where the list of the version's files is kept. */
  filesDigest: string;
}

/**
 * Reads the registry's metadata once and keeps it, so that no later stage asks again and gets another answer.
 * @throws errors of `NpmRegistry.manifest` and `ArtifactStore.put`; a failed lookup never becomes "no license".
 */
export async function gatherManifest(
  { purl }: { purl: string },
  { registries, artifacts }: LicenseDeps,
  signal: AbortSignal,
): Promise<GatheredManifest> {
  const { type, name, version } = parsePurl(purl);
  if (type !== 'npm')
    throw new PermanentError('registry.version-not-found', `There is no registry for ${type} packages.`);
  const manifest = await registries.npm.manifest(name, version, signal);
  const put = (document: unknown) => artifacts.put(Buffer.from(JSON.stringify(document)));
  const [metadata, files] = await Promise.all([put(manifest.raw), put(manifest.files)]);
  return { manifest, metadataDigest: metadata.digest, filesDigest: files.digest };
}
