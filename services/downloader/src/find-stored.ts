import { finished } from 'node:stream/promises';
import type { ArtifactIndex, ArtifactStore } from '@sluice/artifacts';
import { errorCodeOf, strongestOf, type FileHash } from '@sluice/contracts';
import { digestingStream, verifyStatement } from '@sluice/registries';
import type { Download } from './download-verified.ts';

/**
 * The stored bytes that a registry's statement names, so that stored bytes are not fetched again. The index is only
 * asked where to look: the bytes are read and compared with the statement like received ones.
 * @returns null when the statement has no sha512, or the bytes are not here, or no longer whole.
 */
export async function findStored(
  stated: FileHash[],
  { artifacts, index }: { artifacts: ArtifactStore; index: ArtifactIndex },
): Promise<Download | null> {
  for (const { algorithm, hex } of strongestOf(stated)) {
    const artifactDigest = algorithm === 'sha512' ? await index.find(hex) : null;
    const found = artifactDigest && (await readStored(artifactDigest, stated, artifacts));
    if (found) return found;
  }
  return null;
}

async function readStored(
  artifactDigest: string,
  stated: FileHash[],
  artifacts: ArtifactStore,
): Promise<Download | null> {
  const digesting = digestingStream();
  try {
    const bytes = await artifacts.open(artifactDigest);
    bytes.on('error', (error) => digesting.destroy(error)).pipe(digesting);
    await finished(digesting.resume());
  } catch (error) {
    // Damaged or lost bytes are mended by fetching them again.
    if (['artifact.missing', 'artifact.corrupt'].includes(errorCodeOf(error))) return null;
    throw error;
  }
  const digests = digesting.digests();
  const verdict = verifyStatement(stated, digests);
  if (!verdict.matches) return null;
  return {
    status: 'verified',
    artifactDigest,
    sizeBytes: digesting.sizeBytes(),
    digests,
    verifiedWith: verdict.algorithm,
  };
}
