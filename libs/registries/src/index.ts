/** Package registries: metadata, artifact addresses, integrity. */
export * from './byte-digests.ts';
export * from './npm-credentials.ts';
export * from './npm-registry.ts';
export * from './open-npm-registry.ts';
export type { VersionManifest } from './read-manifest.ts';
export * from './single-flight.ts';
export { headBytes, isNoArchive } from './unusable-answer.ts';
export * from './verify-statement.ts';
