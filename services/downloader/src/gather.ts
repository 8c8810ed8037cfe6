import type { ArtifactIndex, ArtifactStore } from '@sluice/artifacts';
import { parsePurl, type PackageFile } from '@sluice/contracts';
import {
  registryOf,
  singleFlight,
  type Registries,
  type Registry,
  type SingleFlight,
} from '@sluice/registries';
import { downloadVerified, type Download } from './download-verified.ts';
import { findStored } from './find-stored.ts';

export interface DownloaderDeps {
  registries: Registries;
  artifacts: ArtifactStore;
  index: ArtifactIndex;
  /** Downloads under way in this process. */
  flight: SingleFlight<Download>;
}

export const downloadFlight = () => singleFlight<Download>();

/** A file of a package version, and the result of its download. */
export interface GatheredFile {
  file: PackageFile;
  download: Download;
}

/**
 * Has the bytes of each file in the store, or says why not. The right bytes are those of the registry's statement that
 * the license stage recorded: bytes that were replaced since do not match it and are not taken in.
 * @throws see `downloadVerified`.
 */
export async function gatherFiles(
  { purl, files }: { purl: string; files: PackageFile[] },
  deps: DownloaderDeps,
  signal: AbortSignal,
): Promise<GatheredFile[]> {
  const { type } = parsePurl(purl);
  const registry = registryOf(deps.registries, type);
  return Promise.all(
    files.map(async (file) => ({ file, download: await gatherBytes(file, { ...deps, registry }, signal) })),
  );
}

/** The bytes of one file. */
export function gatherBytes(
  { url, hashes }: PackageFile,
  { flight, index, artifacts, registry }: Omit<DownloaderDeps, 'registries'> & { registry: Registry },
  signal: AbortSignal,
): Promise<Download> {
  return flight(
    JSON.stringify([url, hashes]),
    async (flightSignal) => {
      const stored = await findStored(hashes, { artifacts, index });
      if (stored) return stored;
      const download = await downloadVerified(url, hashes, { registry, artifacts }, flightSignal);
      if (download.status === 'verified')
        await index.remember(download.digests.sha512, download.artifactDigest);
      return download;
    },
    signal,
  );
}
