/** Clients of registries. */
export * from './npm/credentials.ts';
export * from './npm/open-registry.ts';
export type { VersionManifest } from './npm/read-manifest.ts';
export * from './npm/registry.ts';
