import type { ArtifactStore } from '@sluice/artifacts';
import { parsePurl } from '@sluice/contracts';
import { registryOf, type Registries, type VersionManifest } from '@sluice/registries';

export interface LicenseDeps {
  registries: Registries;
  artifacts: ArtifactStore;
}

export interface GatheredManifest {
  manifest: VersionManifest;
  /** Where the manifest is kept, as the registry sent it. */
  metadataDigest: string;
  /** Where the list of the version's files is kept. */
  filesDigest: string;
  /** Where the tags of the package are kept; null where it has none. */
  tagsDigest: string | null;
}

/**
 * Reads the registry's metadata once and keeps it, so that no later stage asks again and gets another answer.
 * @throws errors of `Registry.manifest` and `ArtifactStore.put`; a failed lookup never becomes "no license".
 */
export async function gatherManifest(
  { purl }: { purl: string },
  { registries, artifacts }: LicenseDeps,
  signal: AbortSignal,
): Promise<GatheredManifest> {
  const { type, name, version } = parsePurl(purl);
  const manifest = await registryOf(registries, type).manifest(name, version, signal);
  const put = (document: unknown) => artifacts.put(Buffer.from(JSON.stringify(document)));
  const [metadata, files, tags] = await Promise.all([
    put(manifest.raw),
    put(manifest.files),
    manifest.tags ? put(manifest.tags) : null,
  ]);
  return {
    manifest,
    metadataDigest: metadata.digest,
    filesDigest: files.digest,
    tagsDigest: tags && tags.digest,
  };
}
