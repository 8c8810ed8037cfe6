/** Package registries: the interface of a client, their configuration, and what clients share. */
export * from './byte-digests.ts';
export * from './credentials.ts';
export * from './document-cache.ts';
export * from './host-witness.ts';
export * from './lockfile-addresses.ts';
export * from './open-registries.ts';
export * from './registry.ts';
export { registriesField, type RegistryDocument, type RegistrySettings } from './registry-settings.ts';
export * from './single-flight.ts';
export * from './unusable-answer.ts';
export * from './upstream.ts';
export * from './verify-statement.ts';
