/** Content-addressed artifact store. */
export * from './agree-on-store.ts';
export * from './artifact-index.ts';
export * from './artifact-settings.ts';
export * from './file-artifact-store.ts';
export * from './open-artifacts.ts';
export { s3ArtifactStore } from './s3/s3-artifact-store.ts';
export type { S3Options } from './s3/s3-bucket.ts';
export { scrub, type ScrubResult } from './scrub.ts';
export * from './store.ts';
export { artifactStoreHost } from './store-errors.ts';
