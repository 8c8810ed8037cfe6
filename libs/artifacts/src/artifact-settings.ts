import { PermanentError } from '@sluice/contracts';
import type { ArtifactsConfig } from '@sluice/runtime';
import { fileArtifactIndex, type ArtifactIndex } from './artifact-index.ts';
import { fileArtifactStore } from './file-artifact-store.ts';
import { s3ArtifactIndex } from './s3/s3-artifact-index.ts';
import { s3ArtifactStore } from './s3/s3-artifact-store.ts';
import type { S3Options } from './s3/s3-bucket.ts';
import type { SharedStore } from './store.ts';

/** The store that the configuration names. It is not made where it is missing: see `agreeOnStore`. @throws PermanentError `config.invalid`. */
export function artifactStoreOf(config: ArtifactsConfig): SharedStore {
  const s3 = s3OptionsOf(config);
  return s3 ? s3ArtifactStore(s3) : fileArtifactStore(folderOf(config), { mayMake: false });
}

/** The index beside the store that the configuration names. @throws PermanentError `config.invalid`. */
export function artifactIndexOf(config: ArtifactsConfig): ArtifactIndex {
  const s3 = s3OptionsOf(config);
  return s3 ? s3ArtifactIndex(s3) : fileArtifactIndex(folderOf(config));
}

function folderOf({ ARTIFACTS_DIR: folder }: ArtifactsConfig): string {
  if (folder !== undefined) return folder;
  throw new PermanentError('config.invalid', 'ARTIFACTS_DIR: set it, or ARTIFACTS_S3_URL for a bucket');
}

/** @returns null when the store is a folder. */
function s3OptionsOf(config: ArtifactsConfig): S3Options | null {
  const { ARTIFACTS_S3_URL: url, ARTIFACTS_S3_KEY_ID: keyId, ARTIFACTS_S3_SECRET: secret } = config;
  if (url === undefined) return null;
  if (config.ARTIFACTS_DIR !== undefined)
    throw new PermanentError('config.invalid', 'ARTIFACTS_DIR: set it or ARTIFACTS_S3_URL, not both');
  if (keyId === undefined || secret === undefined)
    throw new PermanentError('config.invalid', 'ARTIFACTS_S3_KEY_ID, ARTIFACTS_S3_SECRET: set both');
  return {
    url,
    keyId,
    secret,
    region: config.ARTIFACTS_S3_REGION,
    encryption: config.ARTIFACTS_S3_ENCRYPTION,
  };
}
