/** The part of the kit that needs no test runner: the outside world, made up. */
export * from './npm-tarball.ts';
export * from './package-lock.ts';
export * from './start-fake-npm-registry.ts';
export * from './wait-for.ts';
