import type { ArtifactIndex, ArtifactStore } from '@sluice/artifacts';
import { parsePurl, type PackageFile } from '@sluice/contracts';
import { registryOf, singleFlight, type Registries, type SingleFlight } from '@sluice/registries';
import type { FetchedBytes } from '@sluice/stages';
import { downloadVerified, type Download, type DownloadDeps } from './download-verified.ts';
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
  report: (bytes: FetchedBytes) => void,
): Promise<GatheredFile[]> {
  const { type } = parsePurl(purl);
  const registry = registryOf(deps.registries, type);
  const fetched = new Map<PackageFile, FetchedBytes>();
  return Promise.all(
    files.map(async (file) => {
      const reportFile = (bytes: FetchedBytes) => report(sumOf(fetched.set(file, bytes), files.length));
      return { file, download: await gatherBytes(file, { ...deps, registry, report: reportFile }, signal) };
    }),
  );
}

/** Of all files: their size is known when that of each is. */
function sumOf(fetched: ReadonlyMap<PackageFile, FetchedBytes>, files: number): FetchedBytes {
  const all = [...fetched.values()];
  const isSized = all.length === files && all.every(({ total }) => total !== null);
  return {
    received: all.reduce((sum, { received }) => sum + received, 0),
    total: isSized ? all.reduce((sum, { total }) => sum + total!, 0) : null,
  };
}

/** The bytes of one file. How much is here is told to the first that asks for it. */
export function gatherBytes(
  { url, hashes }: PackageFile,
  { flight, index, ...deps }: Omit<DownloaderDeps, 'registries'> & DownloadDeps,
  signal: AbortSignal,
): Promise<Download> {
  const { artifacts } = deps;
  return flight(
    JSON.stringify([url, hashes]),
    async (flightSignal) => {
      const stored = await findStored(hashes, { artifacts, index });
      if (stored) return stored;
      const download = await downloadVerified(url, hashes, deps, flightSignal);
      if (download.status === 'verified')
        await index.remember(download.digests.sha512, download.artifactDigest);
      return download;
    },
    signal,
  );
}
