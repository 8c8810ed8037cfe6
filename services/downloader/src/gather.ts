import type { ArtifactIndex, ArtifactStore } from '@sluice/artifacts';
import { parsePurl, type LicenseEvidence } from '@sluice/contracts';
import { registryOf, singleFlight, type Registries, type SingleFlight } from '@sluice/registries';
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

/**
 * Has the bytes of a package version in the store, or says why not. The right bytes are those of the registry's statement that the license stage
 * recorded: bytes that were replaced since do not match it and are not taken in.
 * @throws see `downloadVerified`.
 */
export async function gatherBytes(
  { purl, license }: { purl: string; license: Pick<LicenseEvidence, 'dist'> },
  deps: DownloaderDeps,
  signal: AbortSignal,
): Promise<Download> {
  const { type } = parsePurl(purl);
  const registry = registryOf(deps.registries, type);
  const { tarballUrl, integrity, shasum } = license.dist;
  const statement = { integrity, shasum };
  const key = JSON.stringify([tarballUrl, integrity, shasum]);
  return await deps.flight(
    key,
    async (flightSignal) => {
      const stored = await findStored(statement, deps);
      if (stored) return stored;
      const download = await downloadVerified(
        tarballUrl,
        statement,
        { registry, artifacts: deps.artifacts },
        flightSignal,
      );
      if (download.status === 'verified')
        await deps.index.remember(download.digests.sha512, download.artifactDigest);
      return download;
    },
    signal,
  );
}
