/** A registry, a mirror and archives of providers, made up; for tests. Needs no test runner. */
export * from './provider-zip.ts';
export * from './signer.ts';
export * from './start-fake-mirror.ts';
export * from './start-fake-registry.ts';
