/** A registry, archives and lockfiles, made up; for tests, chaos rows and benchmarks. Needs no test runner. */
export * from './fake-registries.ts';
export * from './make-registry-signer.ts';
export * from './npm-tarball.ts';
export * from './package-lock.ts';
export * from './start-fake-npm-registry.ts';
