/** The fakes, stopped at the end of a test file. */
export * from './index.ts';
export { fakeNpmRegistry } from './fake-npm-registry.ts';
